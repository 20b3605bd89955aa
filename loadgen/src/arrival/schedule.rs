//! The arrivals of one thread.

use super::process::Process;
use crate::clock::Window;

/// Number of arrivals that are counted between two checks for a stop: some milliseconds.
const COUNTED_AT_ONCE: u64 = 1 << 18;

/// The intended times of one thread's requests, in nanoseconds since the load began, ascending.
///
/// The schedule is also the queue of the open loop: an arrival that finds no free connection stays
/// the next one, and nothing is dropped.
pub(crate) struct Schedule {
    process: Box<dyn Process>,
    /// Number of the next arrival, over all threads.
    number: u64,
    threads: u64,
    /// Number of arrivals, over all threads.
    limit: u64,
    /// When the next request is due; `u64::MAX` after the last one.
    pub(crate) next: u64,
}

impl Schedule {
    /// Returns the part of `thread` out of `threads` in the first `limit` arrivals.
    pub(crate) fn new(
        process: Box<dyn Process>,
        thread: usize,
        threads: usize,
        limit: u64,
    ) -> Self {
        let mut schedule = Self {
            process,
            number: thread as u64,
            threads: threads as u64,
            limit,
            next: u64::MAX,
        };
        schedule.advance();
        schedule
    }

    fn advance(&mut self) {
        let within = self.number < self.limit;
        let at = within.then(|| self.process.at(self.number)).flatten();
        self.next = at.unwrap_or(u64::MAX);
    }

    /// Takes the next request from the schedule and returns when it is due.
    pub(crate) fn take(&mut self) -> u64 {
        let due = self.next;
        self.number = self.number.saturating_add(self.threads);
        self.advance();
        due
    }

    /// Takes all requests that are due before the end of the window, and counts those in it. Stops
    /// with the count so far when `wanted` is false.
    pub(crate) fn take_rest(&mut self, window: Window, wanted: impl Fn() -> bool) -> u64 {
        let (mut taken, mut count) = (0, 0);
        while self.next < window.end {
            if taken % COUNTED_AT_ONCE == 0 && !wanted() {
                return count;
            }
            count += u64::from(self.take() >= window.begin);
            taken += 1;
        }
        count
    }
}
