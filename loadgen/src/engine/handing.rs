//! Handing over what was recorded, interval by interval.

use super::Engine;
use crate::clock::nanos;

impl Engine<'_> {
    /// Hands over what belongs to intervals that have ended.
    pub(super) fn pass_interval(&mut self, now: u64) {
        if self.interval_ends >= self.window.end {
            // The last one is handed over with the answers that are awaited.
            self.interval_ends = u64::MAX;
        }
        if now < self.interval_ends {
            return;
        }
        let length = nanos(self.spec.interval);
        let over = (now - self.window.begin) / length;
        self.handover.give(&mut self.recorder, over);
        self.interval_ends = (self.window.begin).saturating_add((over + 1).saturating_mul(length));
    }
}
