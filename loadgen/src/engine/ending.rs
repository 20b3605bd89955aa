//! What still waits for an answer, and the end of the window.

use std::time::Duration;

use rustix::event::epoll;

use super::arrivals::ThreadArrivals;
use super::pool::Pool;
use super::{Engine, MAX_EVENTS};
use crate::connection::Cause;
use crate::outcome::ErrorClass;

impl Engine<'_> {
    /// Whether nothing is left to wait for after the window has closed.
    pub(super) fn is_drained(&self, now: u64) -> bool {
        let has_unsent = self.arrivals.next_due(self.window.bounds.end).is_some();
        let has_unanswered = self.arrivals.is_open() && self.tally.ledger.outstanding > 0;
        // Without anybody to reach, no answer comes.
        let is_vain = || !self.window.shared.reached() && !self.pool.is_opening();
        let waits = (has_unsent || has_unanswered) && !is_vain();
        !waits || self.window.shared.halted() || now >= self.window.drain_deadline()
    }

    /// Reads what has arrived when the window of a closed loop has closed. These answers are too late to
    /// count, but a thread that was held up must not take them for missing.
    pub(super) fn read_last(&mut self, events: &mut Vec<epoll::Event>) {
        if self.arrivals.is_open() {
            return;
        }
        for _ in 0..=self.pool.len() / MAX_EVENTS {
            events.clear();
            self.wire.wait(events, Duration::ZERO);
            if events.is_empty() {
                return;
            }
            self.handle(events);
        }
    }

    /// Accounts for the requests that are still in flight. In an open loop that was not stopped they
    /// have timed out; others are unfinished.
    pub(super) fn end_rest(&mut self) {
        let has_waited = self.arrivals.is_open() && !self.window.shared.halted();
        let now = self.clock.now();
        for place in 0..self.pool.len() {
            let connection = &self.pool[place];
            let cause = Cause::TimedOut(connection.parser.received);
            for request in connection.waiting() {
                if has_waited {
                    let ended = connection.describe(request, ErrorClass::TimedOut);
                    (self.tally).count_failure(&ended, &cause, now, &self.window);
                } else {
                    self.tally.count_unfinished(request, &self.window);
                }
            }
        }
    }
}

/// Returns for how long the request that has waited longest waits, in nanoseconds; 0 if none does.
pub(super) fn longest_wait(pool: &Pool, arrivals: &ThreadArrivals, now: u64) -> u64 {
    let since = pool.waiting().chain(arrivals.next_due(now)).min();
    since.map_or(0, |since| now.saturating_sub(since))
}
