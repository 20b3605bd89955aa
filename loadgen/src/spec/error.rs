//! What is wrong with a [`LoadSpec`](super::LoadSpec).

use std::path::PathBuf;
use std::time::Duration;

use super::address::Address;
use super::limits::{MAX_ARRIVALS, MAX_CLIENT_ADDRESSES, MAX_RATE_RPS, MIN_INTERVAL};

/// What is wrong with a [`LoadSpec`](super::LoadSpec).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// No load thread.
    #[error("there is no load thread: give at least one")]
    NoThreads,
    /// No connection.
    #[error("there is no connection: give at least one")]
    NoConnections,
    /// A rate that is zero, negative, infinite or not a number.
    #[error("a rate of {0} requests per second is not possible: give a number above zero")]
    Rate(f64),
    /// A rate above the limit.
    #[error(
        "a rate of {0:e} requests per second is too high: give a rate of at most {MAX_RATE_RPS:e}"
    )]
    RateTooHigh(f64),
    /// A rate and a duration that make too many arrivals.
    #[error(
        "{0:.1e} requests are too many for one run, which is limited to {MAX_ARRIVALS:e}: give a lower rate or a shorter duration"
    )]
    TooManyArrivals(f64),
    /// Bursts of no length.
    #[error("the bursts have no length, so no request would arrive: give a time above zero")]
    EmptyBurst,
    /// A ramp without an end.
    #[error("a ramp needs a time in which it reaches its last rate: give a duration")]
    EndlessRamp,
    /// A trace that ends before the window opens.
    #[error(
        "the trace ends after {0:.1?}, before the measured time begins: give a shorter warm-up"
    )]
    TraceInWarmup(Duration),
    /// A limit of connections that does not fit, or a closed loop.
    #[error("opening connections when all are busy {0}")]
    WhenBusy(&'static str),
    /// No end of the run.
    #[error("nothing ends the run: give a duration or a number of requests")]
    NoEnd,
    /// Intervals below the limit.
    #[error("intervals of {0:?} are too short: give at least {MIN_INTERVAL:?}")]
    Interval(Duration),
    /// A window of no length.
    #[error("the measured time is zero: give a duration above zero")]
    NoDuration,
    /// A timeout of no length.
    #[error("the timeout is zero, so no request could be answered: give a longer one")]
    NoTimeout,
    /// No client address, or more than 127.0.0.0/8 holds.
    #[error("{0} client addresses: give a number from 1 to {MAX_CLIENT_ADDRESSES}")]
    ClientAddresses(u32),
    /// Several client addresses for a target that is not on IPv4 loopback.
    #[error(
        "several client addresses need a target in 127.0.0.0/8, and {0} is not: use one address"
    )]
    ClientsOffLoopback(Address),
    /// A path that cannot be that of a Unix socket.
    #[error(
        "{0} cannot be the path of a Unix socket: give a path of at most 107 bytes, without a zero byte"
    )]
    SocketPath(PathBuf),
    /// A name that no certificate can have.
    #[error(
        "`{0}` is not a host that a certificate can be issued for: give a host name or an address"
    )]
    ServerName(String),
    /// TLS settings that do not work.
    #[error("TLS cannot be used: {0}")]
    Tls(String),
    /// Pipelining in the open loop.
    #[error(
        "pipelining needs a closed loop, since requests on a schedule do not queue on a connection: leave out the rate or the pipeline"
    )]
    OpenPipeline,
    /// Something that cannot be written as an HTTP/1.1 request.
    #[error("the {part} {text:?} cannot be sent: {remedy}")]
    Unsendable {
        /// Which part of the request.
        part: &'static str,
        /// Its text.
        text: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Work that cannot be drawn from.
    #[error("the work mix cannot be used: {0}")]
    Work(&'static str),
}
