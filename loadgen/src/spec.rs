//! What is asked of the generator.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use crate::budget::Budget;
use crate::clients::MOST_CLIENTS;
use crate::introduction::HeaderVersion;
use crate::offer::{MOST_ARRIVALS, MOST_RATE_RPS, Offer, WhenBusy};
use crate::request::RequestSpec;
use crate::target::{Address, Target};

/// Shorter intervals hold too few answers for percentiles, and telling of them
/// would cost more than the load.
pub const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);

/// Everything that defines one run of load. The same value under the same
/// seed offers the same requests, at the same intended times.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSpec {
    /// Where the load goes.
    pub target: Target,
    /// What is sent.
    pub request: RequestSpec,
    /// When it is sent.
    pub offer: Offer,
    /// Closed loop: how many requests are outstanding at any time. Open loop:
    /// how many connections may be open at once, unless `when_busy` opens more.
    pub connections: usize,
    /// What becomes of an arrival that finds no free connection.
    pub when_busy: WhenBusy,
    /// How many requests a connection lives for; the last of them says
    /// `connection: close`. `None` keeps connections for as long as the server
    /// does, and opens them ahead of the requests. With a number, a connection
    /// is opened by the request that needs it, which pays for the connect.
    pub requests_per_connection: Option<NonZeroU64>,
    /// How many requests may be in flight on each connection; more than one
    /// only in the closed loop. Answers are matched in order. What is not
    /// answered when the server ends a connection between answers is sent
    /// again on the next.
    pub pipeline: NonZeroU32,
    /// How many source addresses out of 127.0.0.0/8 connections come from, in
    /// rotation. 1 leaves the choice to the kernel; more need an IPv4 loopback
    /// target.
    pub client_addresses: u32,
    /// The version of the PROXY header with which connections begin, as if they came through a
    /// balancer; `None` for connections without one. Each source address stands for a client of
    /// its own: 127.1.2.3 for 10.1.2.3.
    pub proxy_header: Option<HeaderVersion>,
    /// How many load threads there are; never more than `connections`.
    pub threads: usize,
    /// CPUs to pin the threads to, in rotation; empty leaves them unpinned.
    pub cpus: Vec<usize>,
    /// Load that is offered but not recorded, before the window opens.
    pub warmup: Duration,
    /// Length of the window that is recorded; `Duration::MAX` where `requests`
    /// or a trace end it.
    pub duration: Duration,
    /// How many requests the window holds: it closes after so many, if its time
    /// is not over before. In the open loop that is when the last of them is
    /// due, in the closed loop when it is answered.
    pub requests: Option<NonZeroU64>,
    /// Whether [`Outcome::ledger`](crate::Outcome::ledger) is kept: what became of each request
    /// of an open loop whose work is drawn, with what the server says that it took. Otherwise
    /// that is not even read.
    pub keep_ledger: bool,
    /// The names that workers give in `x-evenkeel-worker`, in the order of their numbers, where
    /// these are not the numbers themselves; empty where they are. Who gives another name counts
    /// for the number behind the last.
    pub worker_names: Vec<u32>,
    /// Whether a closed loop may exchange requests and answers with the kernel in batches, where
    /// that has io_uring.
    pub io_uring: bool,
    /// How long the stretches are that the window is told in.
    pub interval: Duration,
    /// How long a connect, or an answer, may take before it is given up.
    pub timeout: Duration,
    /// Fixes arrival times and the sequence of work.
    pub seed: u64,
}

/// What is wrong with a [`LoadSpec`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// No load thread.
    #[error("no load thread: ask for at least one")]
    NoThreads,
    /// No connection.
    #[error("no connection: ask for at least one")]
    NoConnections,
    /// A rate that is zero, negative, infinite or not a number.
    #[error("a rate of {0} requests per second cannot be offered: give a number above zero")]
    Rate(f64),
    /// A rate that nothing could keep.
    #[error(
        "{0:e} requests per second cannot be offered: give a rate of at most {MOST_RATE_RPS:e}"
    )]
    RateTooHigh(f64),
    /// A rate and a time that make too many arrivals.
    #[error(
        "{0:.1e} requests are more than one run can offer, which is {MOST_ARRIVALS:e}: give a lower rate or a shorter time"
    )]
    TooManyArrivals(f64),
    /// Bursts of no length.
    #[error("the bursts last no time, so nothing would arrive: give a time above zero")]
    EmptyBurst,
    /// A ramp without an end.
    #[error("a ramp takes a time to reach its last rate in: give a duration")]
    EndlessRamp,
    /// A trace that is over before the window opens.
    #[error("the trace is over after {0:.1?}, before anything is recorded: give a shorter warm-up")]
    TraceInWarmup(Duration),
    /// More connections at a time than are allowed, or no arrivals to open them.
    #[error("opening connections when all are busy {0}")]
    WhenBusy(&'static str),
    /// Nothing that would end the run.
    #[error("nothing ends the run: give a duration or a number of requests")]
    NoEnd,
    /// Intervals too short to be told apart.
    #[error("intervals of {0:?} are too short: give at least {SHORTEST_INTERVAL:?}")]
    Interval(Duration),
    /// A window of no length.
    #[error("the window lasts no time: give a duration above zero")]
    NoDuration,
    /// A timeout of no length.
    #[error("the timeout is zero, so no request could be answered: give a longer one")]
    NoTimeout,
    /// No client address, or more than 127.0.0.0/8 holds.
    #[error("{0} client addresses: give a number from 1 to {MOST_CLIENTS}")]
    ClientAddresses(u32),
    /// Several client addresses for a target that is not on IPv4 loopback.
    #[error(
        "several client addresses need a target in 127.0.0.0/8, and {0} is not: use one address"
    )]
    ClientsOffLoopback(Address),
    /// A path that is too long, or otherwise unfit, for a Unix socket.
    #[error(
        "{0} cannot be the path of a Unix socket: it must have at most 107 bytes, and none of them 0"
    )]
    SocketPath(PathBuf),
    /// A name that no certificate can be for.
    #[error("`{0}` is not a host that a certificate can be for: give a host name or an address")]
    ServerName(String),
    /// TLS that cannot be spoken.
    #[error("TLS cannot be used: {0}")]
    Tls(String),
    /// Pipelining in the open loop.
    #[error(
        "requests that arrive on a schedule do not queue behind each other on a connection: leave out the rate, or the pipeline"
    )]
    OpenPipeline,
    /// Something that cannot be written as an HTTP/1.1 request.
    #[error("the {part} {text:?} cannot be sent: {remedy}")]
    Unsendable {
        /// Which part of the request.
        part: &'static str,
        /// What it was.
        text: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A mix of work that cannot be drawn from.
    #[error("the work mix cannot be used: {0}")]
    Work(&'static str),
}

impl LoadSpec {
    /// A closed loop of one connection on one thread with `GET /`, measured
    /// for a second without warm-up: the least there is, to be filled in.
    #[must_use]
    pub fn new(address: impl Into<Address>) -> Self {
        let address = address.into();
        Self {
            target: Target {
                authority: address.to_string(),
                address,
                tls: None,
            },
            request: RequestSpec::default(),
            offer: Offer::Closed,
            connections: 1,
            when_busy: WhenBusy::Wait,
            requests_per_connection: None,
            pipeline: NonZeroU32::MIN,
            client_addresses: 1,
            proxy_header: None,
            threads: 1,
            cpus: Vec::new(),
            warmup: Duration::ZERO,
            duration: Duration::from_secs(1),
            requests: None,
            keep_ledger: false,
            worker_names: Vec::new(),
            io_uring: true,
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            seed: 0,
        }
    }

    /// Checks everything that can be known before load is offered.
    ///
    /// # Errors
    /// The first thing found that cannot be offered.
    pub fn validate(&self) -> Result<(), SpecError> {
        self.validate_amounts()?;
        self.validate_offer()?;
        self.validate_clients()?;
        self.target.validate()?;
        self.request.validate(&self.target.authority)
    }

    fn validate_amounts(&self) -> Result<(), SpecError> {
        if self.threads == 0 {
            return Err(SpecError::NoThreads);
        }
        if self.connections == 0 {
            return Err(SpecError::NoConnections);
        }
        if self.duration.is_zero() {
            return Err(SpecError::NoDuration);
        }
        if self.timeout.is_zero() {
            return Err(SpecError::NoTimeout);
        }
        if self.interval < SHORTEST_INTERVAL {
            return Err(SpecError::Interval(self.interval));
        }
        Ok(())
    }

    fn validate_offer(&self) -> Result<(), SpecError> {
        self.offer.validate(self.warmup, self.duration)?;
        if self.offer.is_open() && self.pipeline.get() > 1 {
            return Err(SpecError::OpenPipeline);
        }
        let ends_itself = match &self.offer {
            Offer::Trace(trace) if trace.length() <= self.warmup => {
                return Err(SpecError::TraceInWarmup(trace.length()));
            }
            Offer::Trace(_) => true,
            Offer::Open { .. } | Offer::Closed => false,
        };
        let most = self.requests.map_or(0.0, |requests| requests.get() as f64);
        if self.offer.is_open() && most > MOST_ARRIVALS {
            return Err(SpecError::TooManyArrivals(most));
        }
        if !ends_itself && self.duration == Duration::MAX && self.requests.is_none() {
            return Err(SpecError::NoEnd);
        }
        match self.when_busy {
            WhenBusy::Open { .. } if !self.offer.is_open() => Err(SpecError::WhenBusy(
                "needs an open loop: in a closed one, requests wait for connections by definition",
            )),
            WhenBusy::Open { most } if most < self.connections => Err(SpecError::WhenBusy(
                "takes a limit that is not below the number of connections to begin with",
            )),
            WhenBusy::Open { .. } | WhenBusy::Wait => Ok(()),
        }
    }

    fn validate_clients(&self) -> Result<(), SpecError> {
        if self.client_addresses == 0 || self.client_addresses > MOST_CLIENTS {
            return Err(SpecError::ClientAddresses(self.client_addresses));
        }
        let target = &self.target.address;
        let on_loopback = matches!(target, Address::Tcp(address) if address.is_ipv4() && address.ip().is_loopback());
        if self.client_addresses > 1 && !on_loopback {
            return Err(SpecError::ClientsOffLoopback(target.clone()));
        }
        Ok(())
    }

    /// Connections that may be open at once.
    #[must_use]
    pub fn most_connections(&self) -> usize {
        match self.when_busy {
            WhenBusy::Wait => self.connections,
            WhenBusy::Open { most } => most,
        }
    }

    /// The requests of a closed loop that ends after a number of them.
    pub(crate) fn budget(&self) -> Option<Budget> {
        let requests = self.requests.filter(|_| !self.offer.is_open())?;
        Some(Budget::new(requests.get(), self.busy_threads()))
    }

    /// Threads that have a connection to drive.
    pub(crate) fn busy_threads(&self) -> usize {
        self.threads.min(self.connections)
    }
}
