//! What a load thread returns.

use crate::clock::CpuUse;
use crate::outcome::{Losses, RequestLog, SendCounts};

/// What one thread returns at its end.
pub(crate) struct ThreadOutcome {
    /// How it spent the window.
    pub(crate) cpu: CpuUse,
    /// Number of connections that were missing at an edge of the window.
    pub(crate) missing: usize,
    /// Number of its requests in the window.
    pub(crate) in_window: u64,
    /// How long each request had waited that was unfinished when the window closed, in nanoseconds.
    pub(crate) unfinished: Vec<u64>,
    /// Number of those that were unfinished when the window closed, and ended just after.
    pub(crate) ended_after: u64,
    /// Its failed requests one by one; their times count since the load began.
    pub(crate) losses: Losses,
    /// What it did with the arrivals of the window.
    pub(crate) sends: SendCounts,
    /// The first of them, as far as they were sent.
    pub(crate) sample: Vec<u64>,
    /// What became of its requests, if that is logged.
    pub(crate) request_log: Option<RequestLog>,
}
