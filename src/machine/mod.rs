//! This machine: its CPUs, and the limits that a plan depends on.

mod awake;
mod cpus;
pub(crate) mod files;
mod partition;
mod sys;

use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit};

pub(crate) use awake::Awake;
pub(crate) use cpus::{CpuSet, core_of};
pub(crate) use partition::CpuError;

/// Properties of a machine that a plan depends on.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// CPUs that this process may use.
    pub(crate) cpus: CpuSet,
    /// Returns the core of a CPU, named by one of its CPUs.
    pub(crate) core_of: fn(usize) -> usize,
    /// Most open files per process.
    pub(crate) open_files: u64,
    /// Ephemeral ports per client address.
    pub(crate) local_ports: u32,
    /// How long a port stays in use after its connection is closed.
    pub(crate) ports_reused_after: Duration,
}

/// Size of Linux' default range, 32768 to 60999, used if /proc has no range.
const USUAL_LOCAL_PORTS: u32 = 28_232;

impl Machine {
    /// Reads the properties of this machine.
    pub(crate) fn probe() -> Self {
        Self {
            cpus: CpuSet::allowed(),
            core_of,
            open_files: getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(_, hard)| hard),
            local_ports: local_port_range().map_or(USUAL_LOCAL_PORTS, |(low, high)| high - low + 1),
            ports_reused_after: ports_reused_after(),
        }
    }
}

/// Returns the first and last ephemeral port, if the kernel reports them.
pub(crate) fn local_port_range() -> Option<(u32, u32)> {
    let text = files::text("/proc/sys/net/ipv4/ip_local_port_range")?;
    let mut ports = text.split_whitespace().map(str::parse);
    let (low, high) = (ports.next()?.ok()?, ports.next()?.ok()?);
    (low <= high).then_some((low, high))
}

/// How long the side that closes first keeps the port (TCP_TIMEWAIT_LEN in Linux).
const TIME_WAIT: Duration = Duration::from_secs(60);

/// How long it keeps a port that may be reused (`tcp_tw_reuse`, and `tcp_tw_reuse_delay` since Linux 6.14).
const REUSE_DELAY: Duration = Duration::from_secs(1);

/// Returns how long a port on loopback stays in use after its connection is closed.
fn ports_reused_after() -> Duration {
    match files::value::<u8>("/proc/sys/net/ipv4/tcp_tw_reuse") {
        Some(0) => TIME_WAIT,
        _ => REUSE_DELAY,
    }
}
