//! Arrivals that are on and off in turn.

use super::process::{NANOS_PER_SECOND, Process, to_nanos};

/// Evenly spaced arrivals on a clock that stops while they are off.
pub(super) struct Burst {
    gap_while_on_ns: f64,
    on_ns: u64,
    off_ns: u64,
}

impl Burst {
    pub(super) fn new(mean_rps: f64, on_ns: u64, off_ns: u64) -> Self {
        let share_on = on_ns as f64 / (on_ns as f64 + off_ns as f64);
        Self {
            gap_while_on_ns: NANOS_PER_SECOND / mean_rps * share_on,
            on_ns,
            off_ns,
        }
    }
}

impl Process for Burst {
    fn at(&mut self, number: u64) -> Option<u64> {
        // Rounded first, so that the burst to which an arrival belongs is exact.
        let while_on = to_nanos(number as f64 * self.gap_while_on_ns)?;
        let pauses = (while_on / self.on_ns).checked_mul(self.off_ns)?;
        while_on.checked_add(pauses)
    }

    fn expected(&self, until_ns: f64) -> f64 {
        let (on, off) = (self.on_ns as f64, self.off_ns as f64);
        let cycles = (until_ns / (on + off)).floor();
        let in_cycle = until_ns - cycles * (on + off);
        (cycles * on + in_cycle.min(on)) / self.gap_while_on_ns
    }
}
