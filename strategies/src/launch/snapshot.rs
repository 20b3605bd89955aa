//! Figures of a running fleet.

use crate::defence::DefenceCounts;
use crate::usage::CpuTime;

/// Figures of a fleet since it was launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// CPU time of all dispatchers. `None` if there are none, or one is gone.
    pub dispatcher_cpu: Option<CpuTime>,
    /// CPU time of the master's thread that reads messages, if workers [count](crate::Counter) by messages.
    pub master_cpu: Option<CpuTime>,
    /// What its defences have done. `None` if all are off.
    pub defences: Option<DefenceCounts>,
    /// CPU time of all workers together, in all their lives. `None` if it is not known.
    pub workers_cpu: Option<CpuTime>,
    /// Figures of each worker, in the order of their numbers.
    pub workers: Vec<WorkerSnapshot>,
}

/// Figures of a worker since it was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSnapshot {
    /// Number of accepted connections. `None` for the workers of a peer.
    pub connections_accepted: Option<u64>,
    /// Number of answered requests. `None` for the workers of a peer.
    pub requests_served: Option<u64>,
    /// CPU time of its process, or of its thread if several workers share a process. `None` if it is gone, or has
    /// replaced one of which it is not known.
    pub cpu: Option<CpuTime>,
}
