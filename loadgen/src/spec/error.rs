//! What is wrong with a [`LoadSpec`](super::LoadSpec).

use std::path::PathBuf;
use std::time::Duration;

use super::{
    Address, MAX_ARRIVALS, MAX_BYTES_IN_FLIGHT, MAX_CLIENT_ADDRESSES, MAX_CONNECTIONS,
    MAX_PIPELINE, MAX_RATE_RPS, MAX_THREADS, MIN_INTERVAL,
};

/// What is wrong with a [`LoadSpec`](super::LoadSpec).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum SpecError {
    #[error("there is no load thread: give at least one")]
    NoThreads,
    #[error("there is no connection: give at least one")]
    NoConnections,
    #[error("{0} load threads are too many: give at most {MAX_THREADS}")]
    TooManyThreads(usize),
    #[error("{0} connections are too many: give at most {MAX_CONNECTIONS}")]
    TooManyConnections(usize),
    #[error("{0} requests in flight on a connection are too many: give at most {MAX_PIPELINE}")]
    TooLongPipeline(u32),
    #[error(
        "{0} bytes of requests in flight are too many: give a shorter pipeline, fewer connections or a smaller body, for at most {MAX_BYTES_IN_FLIGHT} bytes"
    )]
    TooMuchInFlight(u64),
    #[error("a rate of {0} requests per second is not possible: give a number above zero")]
    Rate(f64),
    #[error(
        "a rate of {0:e} requests per second is too high: give a rate of at most {MAX_RATE_RPS:e}"
    )]
    RateTooHigh(f64),
    #[error(
        "{0:.1e} requests are too many for one run, which is limited to {MAX_ARRIVALS:e}: give a lower rate or a shorter duration"
    )]
    TooManyArrivals(f64),
    #[error("the bursts have no length, so no request would arrive: give a time above zero")]
    EmptyBurst,
    #[error("a ramp needs a time in which it reaches its last rate: give a duration")]
    EndlessRamp,
    #[error(
        "the trace ends after {0:.1?}, before the measured time begins: give a shorter warm-up"
    )]
    TraceInWarmup(Duration),
    #[error("opening connections when all are busy {0}")]
    WhenBusy(&'static str),
    #[error("nothing ends the run: give a duration or a number of requests")]
    NoEnd,
    #[error("intervals of {0:?} are too short: give at least {MIN_INTERVAL:?}")]
    Interval(Duration),
    #[error("the measured time is zero: give a duration above zero")]
    NoDuration,
    #[error("the timeout is zero, so no request could be answered: give a longer one")]
    NoTimeout,
    #[error("{0} client addresses: give a number from 1 to {MAX_CLIENT_ADDRESSES}")]
    ClientAddresses(u32),
    #[error(
        "several client addresses need a target in 127.0.0.0/8, and {0} is not: use one address"
    )]
    ClientsOffLoopback(Address),
    #[error(
        "{0} cannot be the path of a Unix socket: give a path of at most 107 bytes, without a zero byte"
    )]
    SocketPath(PathBuf),
    #[error(
        "`{0}` is not a host that a certificate can be issued for: give a host name or an address"
    )]
    ServerName(String),
    #[error("TLS cannot be used: {0}")]
    Tls(String),
    #[error(
        "pipelining needs a closed loop, since requests on a schedule do not queue on a connection: leave out the rate or the pipeline"
    )]
    OpenPipeline,
    #[error("the {part} {text:?} cannot be sent: {remedy}")]
    Unsendable {
        part: &'static str,
        text: String,
        remedy: &'static str,
    },
    #[error("messages of WebSockets {0}")]
    WebSocket(&'static str),
    #[error("the work mix cannot be used: {0}")]
    Work(&'static str),
}

impl SpecError {
    /// Returns this error unless something holds.
    pub(super) fn unless(self, holds: bool) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(self) }
    }
}
