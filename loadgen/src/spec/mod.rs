//! What is requested of the load generator.

mod address;
mod cost;
mod error;
mod limits;
mod offer;
mod request;
mod statuses;
mod target;
mod tls;
mod trace;
mod validate;
mod work;

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use evenkeel_common::ProxyVersion;

pub use address::Address;
pub use cost::Cost;
pub use error::SpecError;
pub use limits::{
    MAX_ARRIVALS, MAX_BYTES_IN_FLIGHT, MAX_CLIENT_ADDRESSES, MAX_CONNECTIONS, MAX_PIPELINE,
    MAX_RATE_RPS, MAX_THREADS, MIN_INTERVAL,
};
pub use offer::{Arrivals, Offer, WhenBusy};
pub use request::RequestSpec;
pub use statuses::StatusSet;
pub use target::Target;
pub(crate) use tls::TlsClient;
pub use tls::{Tls, Trust};
pub use trace::{Trace, TraceError};
pub use work::{TargetPart, Work, WorkKind, WorkPart};

/// Everything that defines one run of load. The same value with the same seed offers the same
/// requests at the same intended times.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSpec {
    /// Where the load goes.
    pub target: Target,
    /// What is sent.
    pub request: RequestSpec,
    /// When it is sent.
    pub offer: Offer,
    /// Closed loop: number of requests outstanding at any time. Open loop: number of connections
    /// that may be open at once, unless `when_busy` opens more.
    pub connections: usize,
    /// What happens to an arrival that finds no free connection.
    pub when_busy: WhenBusy,
    /// Number of requests on each connection; the last one carries `connection: close`. `None` keeps
    /// connections for as long as the server does, and opens them before the requests. With a
    /// number, a connection is opened by the request that needs it, and connecting is part of its
    /// response time.
    pub requests_per_connection: Option<NonZeroU64>,
    /// Number of requests in flight on each connection; more than one only in the closed loop.
    /// Answers are matched in order. Requests that the server has not answered when it ends a
    /// connection between answers are sent again on the next connection.
    pub pipeline: NonZeroU32,
    /// Target of the WebSocket that each connection becomes before its first request. Then requests are
    /// messages: their text is what would be the target of a request, and the next message of the server is
    /// the answer, which counts as one with status 200. `None` for HTTP.
    pub websocket: Option<String>,
    /// Whether a request whose kept connection the server closed without a byte of an answer is sent
    /// again once, on a new connection, if it may arrive twice. Otherwise it fails, and so do requests of
    /// a pipeline that the server leaves unanswered.
    pub repeat: bool,
    /// Number of source addresses in 127.0.0.0/8 that connections use in rotation. With 1 the kernel
    /// chooses; more need an IPv4 loopback target.
    pub client_addresses: u32,
    /// Version of the PROXY header with which connections begin, as if they came through a balancer;
    /// `None` for connections without one. Each source address stands for a client of its own:
    /// 127.1.2.3 for 10.1.2.3.
    pub proxy_header: Option<ProxyVersion>,
    /// Number of load threads; never more than `connections` are used.
    pub threads: usize,
    /// CPUs to pin the threads to, in rotation; empty leaves them unpinned.
    pub cpus: Vec<usize>,
    /// Time for which load is offered but not recorded, before the window opens.
    pub warmup: Duration,
    /// Length of the window; `Duration::MAX` if `requests` or a trace ends it.
    pub duration: Duration,
    /// Number of requests in the window: it closes after them, unless its time ends before. In the
    /// open loop that is when the last of them is due, in the closed loop when it is answered.
    pub requests: Option<NonZeroU64>,
    /// Whether to keep [`Outcome::request_log`](crate::Outcome::request_log): what became of each
    /// request of an open loop whose work is drawn, with the work that the server reports.
    /// Otherwise that header field is not read.
    pub keep_request_log: bool,
    /// Names that workers give in `x-evenkeel-worker`, in the order of their numbers; empty if they
    /// give their numbers. Workers with other names have the numbers after them: see
    /// [`Outcome::later_workers`](crate::Outcome::later_workers).
    pub worker_names: Vec<u32>,
    /// Whether a closed loop may exchange requests and answers with the kernel in batches, if the
    /// kernel has io_uring.
    pub io_uring: bool,
    /// Length of the intervals in which the window is reported.
    pub interval: Duration,
    /// Statuses of answers that count as success; a request with another one fails.
    pub expected_statuses: StatusSet,
    /// Time after which a connect or an answer is given up.
    pub timeout: Duration,
    /// Fixes arrival times and the work sequence.
    pub seed: u64,
}

impl LoadSpec {
    /// A closed loop of one connection on one thread with `GET /`, measured for one second without
    /// warm-up.
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
            websocket: None,
            repeat: true,
            client_addresses: 1,
            proxy_header: None,
            threads: 1,
            cpus: Vec::new(),
            warmup: Duration::ZERO,
            duration: Duration::from_secs(1),
            requests: None,
            keep_request_log: false,
            worker_names: Vec::new(),
            io_uring: true,
            interval: Duration::from_secs(1),
            expected_statuses: StatusSet::default(),
            timeout: Duration::from_secs(5),
            seed: 0,
        }
    }

    /// Most connections that may be open at once.
    #[must_use]
    pub fn most_connections(&self) -> usize {
        match self.when_busy {
            WhenBusy::Wait => self.connections,
            WhenBusy::Open { most } => most,
        }
    }

    /// Number of threads that have a connection to drive.
    pub(crate) fn busy_threads(&self) -> usize {
        self.threads.min(self.connections)
    }

    /// Whether connections carry several requests at once.
    pub(crate) fn pipelines(&self) -> bool {
        self.pipeline.get() > 1
    }
}
