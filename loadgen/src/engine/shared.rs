//! State that load threads share with the coordinator.

use std::iter::Sum;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::budget::Budget;
use crate::arrival::RunEnd;
use crate::clock::{Window, nanos};
use crate::outcome::{FirstAnswers, LaterNames};
use crate::spec::LoadSpec;

/// How long a server may take until it listens. It is often started together with the load, and an
/// interpreter or a virtual machine needs about a second.
pub const PATIENCE: Duration = Duration::from_secs(2);

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
    /// A connection was open.
    reached: AtomicBool,
    /// Written when a worker that was not given answers for the first time.
    pub(crate) later_names: LaterNames,
    /// Written when a worker that replaced another one answers for the first time.
    pub(crate) first_answers: FirstAnswers,
}

impl Shared {
    pub(crate) fn new(end: RunEnd, budget: Option<Budget>) -> Self {
        Self {
            end: AtomicU64::new(end.end),
            arrivals: end.arrivals,
            budget,
            halted: AtomicBool::new(false),
            reached: AtomicBool::new(false),
            later_names: LaterNames::new(),
            first_answers: FirstAnswers::default(),
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

    /// Notes that a connection is open. It is written once.
    pub(super) fn note_reached(&self) {
        if !self.reached() {
            self.reached.store(true, Ordering::Release);
        }
    }

    /// Whether a connection was ever open.
    pub(crate) fn reached(&self) -> bool {
        self.reached.load(Ordering::Acquire)
    }

    /// Closes the window if nobody listens: if connects fail and none has succeeded for
    /// [`PATIENCE`]. A run with a number of requests ends by their failures.
    pub(crate) fn give_up(&self, now: u64, connect_failures: u64) {
        let is_vain = connect_failures > 0 && !self.reached();
        if is_vain && now >= nanos(PATIENCE) && self.budget.is_none() {
            self.close(now);
        }
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
    connect_failures: AtomicU64,
}

/// Counts since the load began, of one thread or of several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ProgressCounts {
    /// Requests answered.
    pub(crate) requests: u64,
    /// Requests that failed.
    pub(crate) failures: u64,
    /// Attempts to connect that failed.
    pub(crate) connect_failures: u64,
}

impl ThreadProgress {
    pub(super) fn publish(&self, counts: ProgressCounts) {
        let relaxed = Ordering::Relaxed;
        self.requests.store(counts.requests, relaxed);
        self.failures.store(counts.failures, relaxed);
        self.connect_failures
            .store(counts.connect_failures, relaxed);
    }

    pub(crate) fn read(&self) -> ProgressCounts {
        let relaxed = Ordering::Relaxed;
        ProgressCounts {
            requests: self.requests.load(relaxed),
            failures: self.failures.load(relaxed),
            connect_failures: self.connect_failures.load(relaxed),
        }
    }
}

impl Sum for ProgressCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, one| Self {
            requests: sum.requests + one.requests,
            failures: sum.failures + one.failures,
            connect_failures: sum.connect_failures + one.connect_failures,
        })
    }
}
