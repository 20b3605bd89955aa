//! A closed loop that ends after a number of requests, as one thread sees it.

use super::Engine;
use crate::budget::Budget;

impl Engine<'_> {
    /// Whether a request belongs to the window by when it was to be sent: in
    /// the open loop, and where requests are numbered. Else it does by when it
    /// ends.
    pub(super) fn counts_by_intent(&self) -> bool {
        self.schedule.is_some() || self.shared.budget().is_some()
    }

    /// Whether the closed loop may send one more request, or a failure without
    /// a request may take the place of one. Warm-up is not counted.
    pub(super) fn claim(&self, now: u64) -> bool {
        let limit = self.shared.budget().filter(|_| now >= self.window.begin);
        limit.is_none_or(|budget| budget.claim())
    }

    /// Closes the window when all requests of all threads are answered.
    pub(super) fn finish(&mut self) {
        let spent = |budget: &&Budget| budget.is_spent() && self.outstanding == 0;
        let Some(budget) = self.shared.budget().filter(spent) else {
            return;
        };
        let now = self.clock.now();
        if self.finished || now < self.window.begin {
            return;
        }
        self.finished = true;
        if let Some(last) = budget.finish(now) {
            self.shared.close(last + 1);
        }
    }
}
