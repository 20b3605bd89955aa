//! State that load threads share with the coordinator.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::budget::Budget;
use crate::arrival::RunEnd;
use crate::clock::{Window, nanos};
use crate::spec::LoadSpec;

/// The state of a run. The coordinator sets it, and load threads read it once per turn: a cache line
/// that is not written while load is offered.
pub(crate) struct Shared {
    /// When the window closes, in nanoseconds since the load began.
    end: AtomicU64,
    /// Number of arrivals in the open loop.
    pub(super) arrivals: u64,
    /// Requests of a closed loop that ends after a number of them.
    pub(super) budget: Option<Budget>,
    /// The window was closed before its time.
    halted: AtomicBool,
}

impl Shared {
    pub(crate) fn new(end: RunEnd, budget: Option<Budget>) -> Self {
        Self {
            end: AtomicU64::new(end.end),
            arrivals: end.arrivals,
            budget,
            halted: AtomicBool::new(false),
        }
    }

    /// The window, as far as it is known.
    pub(crate) fn window(&self, spec: &LoadSpec) -> Window {
        Window {
            begin: nanos(spec.warmup),
            end: self.end(),
        }
    }

    pub(crate) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    /// Closes the window at this time, unless it closes earlier.
    pub(super) fn close(&self, at: u64) {
        self.end.fetch_min(at, Ordering::Release);
    }

    /// Closes the window now; no more answers are awaited.
    pub(crate) fn halt(&self, now: u64) {
        // First the reason, then the time by which threads notice.
        self.halted.store(true, Ordering::Release);
        self.close(now);
    }

    pub(crate) fn halted(&self) -> bool {
        self.halted.load(Ordering::Acquire)
    }
}

/// What one thread has done so far, for the progress display. Its thread writes it once per turn. It
/// is padded to 128 bytes, the pair of cache lines that x86 fetches together, so that threads do not
/// disturb each other.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct ThreadProgress {
    requests: AtomicU64,
    failures: AtomicU64,
}

impl ThreadProgress {
    pub(super) fn publish(&self, requests: u64, failures: u64) {
        self.requests.store(requests, Ordering::Relaxed);
        self.failures.store(failures, Ordering::Relaxed);
    }

    /// Number of requests answered, and of failures.
    pub(crate) fn read(&self) -> (u64, u64) {
        let requests = self.requests.load(Ordering::Relaxed);
        (requests, self.failures.load(Ordering::Relaxed))
    }
}
