//! What one thread has to send.

use crate::arrival::{Schedule, SourceAddresses, WorkSequence, process};
use crate::clock::Window;
use crate::spec::LoadSpec;

/// The arrivals of one thread, their work and their source addresses.
pub(super) struct ThreadArrivals {
    /// Arrivals that are not sent yet; `None` in the closed loop.
    schedule: Option<Schedule>,
    pub(super) work: WorkSequence,
    pub(super) addresses: SourceAddresses,
    /// Number of requests begun.
    begun: usize,
}

impl ThreadArrivals {
    /// Returns the part of `thread` out of `threads` in the first `limit` arrivals.
    pub(super) fn new(spec: &LoadSpec, thread: usize, threads: usize, limit: u64) -> Self {
        Self {
            schedule: process(spec).map(|arrivals| Schedule::new(arrivals, thread, threads, limit)),
            work: WorkSequence::new(&spec.request.work, spec.seed, thread),
            addresses: SourceAddresses::new(spec.client_addresses, thread, threads),
            begun: 0,
        }
    }

    /// Whether requests arrive on a schedule.
    pub(super) fn is_open(&self) -> bool {
        self.schedule.is_some()
    }

    /// When the next arrival before `end` is due; `None` in the closed loop.
    pub(super) fn next_due(&self, end: u64) -> Option<u64> {
        let due = self.schedule.as_ref()?.next;
        (due < end).then_some(due)
    }

    /// Takes the next arrival from the schedule.
    pub(super) fn take(&mut self) {
        if let Some(schedule) = &mut self.schedule {
            schedule.take();
        }
    }

    /// Takes all arrivals that are left in the window, and returns their number. Stops when `wanted`
    /// is false.
    pub(super) fn take_rest(&mut self, window: Window, wanted: impl Fn() -> bool) -> u64 {
        let take = |schedule: &mut Schedule| schedule.take_rest(window, wanted);
        self.schedule.as_mut().map_or(0, take)
    }

    /// Number of requests begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun as u64
    }

    /// Returns the number of the next request within this thread, from 0.
    pub(super) fn number(&mut self) -> usize {
        let number = self.begun;
        self.begun += 1;
        number
    }
}
