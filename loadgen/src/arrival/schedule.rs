//! One thread's turns at the arrivals.

use super::Process;

/// No time at all: later than the end of any window.
const NEVER: u64 = u64::MAX;

/// How many arrivals are counted between two looks at whether it is still
/// wanted: some milliseconds.
const COUNTED_AT_ONCE: u64 = 1 << 18;

/// The intended times of one thread's requests, in nanoseconds since the load
/// began, ascending.
///
/// The schedule doubles as the queue of the open loop: an arrival that finds
/// no free connection simply stays the next one, and nothing is dropped.
#[derive(Debug)]
pub(crate) struct Schedule {
    process: Box<dyn Process>,
    /// Number of the next arrival, over all threads.
    number: u64,
    threads: u64,
    /// How many arrivals there are, over all threads.
    limit: u64,
    next: u64,
}

impl Schedule {
    /// The turns of `thread` out of `threads`, of the first `limit` arrivals.
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
            next: NEVER,
        };
        schedule.look();
        schedule
    }

    fn look(&mut self) {
        let within = self.number < self.limit;
        let at = within.then(|| self.process.at(self.number)).flatten();
        self.next = at.unwrap_or(NEVER);
    }

    /// When the next request is due; after the last one, `u64::MAX`.
    pub(crate) fn peek(&self) -> u64 {
        self.next
    }

    /// Takes the next request off the schedule.
    pub(crate) fn take(&mut self) -> u64 {
        let due = self.next;
        self.number = self.number.saturating_add(self.threads);
        self.look();
        due
    }

    /// Takes all requests that are due before `end`, and counts those due from
    /// `begin` on. Gives up, with the count so far, when it is not `wanted` any
    /// more.
    pub(crate) fn take_between(&mut self, begin: u64, end: u64, wanted: impl Fn() -> bool) -> u64 {
        let (mut taken, mut count) = (0, 0);
        while self.next < end {
            if taken % COUNTED_AT_ONCE == 0 && !wanted() {
                return count;
            }
            count += u64::from(self.take() >= begin);
            taken += 1;
        }
        count
    }
}
