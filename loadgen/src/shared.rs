//! The little that load threads and the coordinator share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::arrival::Horizon;
use crate::budget::Budget;

/// Set by the coordinator, read by the load threads once per turn: a cache
/// line that nobody writes while load is offered.
#[derive(Debug)]
pub(crate) struct Shared {
    /// When the window closes, in nanoseconds since the load began.
    end: AtomicU64,
    /// How many arrivals there are in the open loop.
    arrivals: u64,
    /// How many requests there are in the closed loop.
    budget: Option<Budget>,
    /// The window was closed before its time.
    halted: AtomicBool,
}

impl Shared {
    pub(crate) fn new(horizon: Horizon, budget: Option<Budget>) -> Self {
        Self {
            end: AtomicU64::new(horizon.end),
            arrivals: horizon.arrivals,
            budget,
            halted: AtomicBool::new(false),
        }
    }

    pub(crate) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    pub(crate) fn arrivals(&self) -> u64 {
        self.arrivals
    }

    pub(crate) fn budget(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }

    /// Closes the window at this time, if it does not close before.
    pub(crate) fn close(&self, at: u64) {
        self.end.fetch_min(at, Ordering::Release);
    }

    /// Closes the window now; nothing more is awaited.
    pub(crate) fn halt(&self, now: u64) {
        // First the reason, then the time by which threads notice.
        self.halted.store(true, Ordering::Release);
        self.close(now);
    }

    pub(crate) fn halted(&self) -> bool {
        self.halted.load(Ordering::Acquire)
    }
}

/// What one thread has done so far, for the progress display. Written once
/// per turn by its thread alone; padded to 128 bytes, the pair of cache lines
/// that x86 fetches together, so that threads do not disturb each other.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Gauge {
    requests: AtomicU64,
    failures: AtomicU64,
}

impl Gauge {
    pub(crate) fn publish(&self, requests: u64, failures: u64) {
        self.requests.store(requests, Ordering::Relaxed);
        self.failures.store(failures, Ordering::Relaxed);
    }

    /// Requests answered and failed.
    pub(crate) fn read(&self) -> (u64, u64) {
        let requests = self.requests.load(Ordering::Relaxed);
        (requests, self.failures.load(Ordering::Relaxed))
    }
}
