//! How a load thread passes on what it recorded.

use std::mem::swap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::recorder::Recorder;

/// Number of intervals that a thread has passed on when it has ended.
pub(crate) const ALL_INTERVALS: u64 = u64::MAX;

/// Where a load thread exchanges its recorder for an empty one at the end of an interval. That takes
/// no longer than a request; adding up is left to the coordinator.
#[derive(Debug, Default)]
pub(crate) struct RecorderExchange {
    deposit: Mutex<Deposit>,
    /// Number of intervals passed on so far.
    intervals: AtomicU64,
}

#[derive(Debug, Default)]
struct Deposit {
    recorder: Recorder,
    is_full: bool,
}

impl RecorderExchange {
    fn deposit(&self) -> MutexGuard<'_, Deposit> {
        self.deposit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on what was recorded until the end of this number of intervals, and leaves `recorder`
    /// empty.
    pub(crate) fn give(&self, recorder: &mut Recorder, intervals: u64) {
        let mut deposit = self.deposit();
        if deposit.is_full {
            // The coordinator was held up for a whole interval.
            deposit.recorder.absorb(recorder);
        } else {
            swap(&mut deposit.recorder, recorder);
            deposit.is_full = true;
        }
        self.intervals.store(intervals, Ordering::Release);
    }

    /// Adds what was passed on to `into`.
    pub(super) fn take(&self, into: &mut Recorder) {
        let mut deposit = self.deposit();
        into.absorb(&mut deposit.recorder);
        deposit.is_full = false;
    }

    pub(super) fn intervals(&self) -> u64 {
        self.intervals.load(Ordering::Acquire)
    }
}
