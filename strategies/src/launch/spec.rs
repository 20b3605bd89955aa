//! What a study requests of a strategy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::proxy_protocol::ProxyProtocol;
use crate::policy;

/// What is ordered of a strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetSpec {
    /// The evenkeel executable, which dispatcher and workers run. In a test or a bench it is
    /// not the running one.
    pub executable: PathBuf,
    /// Workers, each a process or a thread.
    pub workers: NonZeroUsize,
    /// Dispatcher processes, where the mechanism has any. Each has a listener of its own.
    pub dispatchers: NonZeroUsize,
    /// Where clients connect. Port 0 leaves the choice to the kernel.
    pub listen: SocketAddr,
    /// The CPUs of all processes of the fleet; if empty, those of the calling process.
    pub cpus: Vec<usize>,
    /// Seed of policies that draw at random.
    pub seed: u64,
    /// What is ordered of policies that take orders.
    pub policy: policy::Options,
    /// Whether connections begin by saying whose they are.
    pub proxy_protocol: ProxyProtocol,
    /// How long the whole fleet may take to come up.
    pub ready_within: Duration,
    /// How long a process may take to finish what is in flight when it is asked to end.
    pub drain_within: Duration,
}

impl FleetSpec {
    /// An order for that many workers behind one dispatcher, on a port that the kernel chooses.
    pub fn new(executable: impl Into<PathBuf>, workers: NonZeroUsize) -> Self {
        Self {
            executable: executable.into(),
            workers,
            dispatchers: NonZeroUsize::MIN,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            cpus: Vec::new(),
            seed: 0,
            policy: policy::Options::default(),
            proxy_protocol: ProxyProtocol::default(),
            ready_within: READY_WITHIN,
            drain_within: DRAIN_WITHIN,
        }
    }
}

/// Generous: a process is ready in milliseconds, but a busy machine may stall for seconds.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// As long as the slowest request of a sensible study.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);
