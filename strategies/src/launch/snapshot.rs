//! What a fleet has done and spent.

use crate::usage::CpuTime;

/// What a fleet has done and spent since it was launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// CPU time of all dispatchers; `None` where there is none, or one is gone.
    pub dispatcher_cpu: Option<CpuTime>,
    /// Each worker's figures, in the order of their numbers.
    pub workers: Vec<WorkerSnapshot>,
}

/// What a worker has done and spent since it was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSnapshot {
    /// Connections that it has taken in; `None` if it is another system's, which does not say.
    pub connections_accepted: Option<u64>,
    /// Requests that it has answered; `None` if it is another system's, which does not say.
    pub requests_served: Option<u64>,
    /// Its CPU time: that of its process, or of its thread where several are in one process;
    /// `None` if it is gone.
    pub cpu: Option<CpuTime>,
}
