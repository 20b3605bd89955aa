//! Arrivals at a rate that changes evenly.

use super::process::{NANOS_PER_SECOND, Process, to_nanos};

/// The first rate until the window opens, then a linear change to the last one until it closes.
/// Rates are per nanosecond.
pub(super) struct Ramp {
    from: f64,
    to: f64,
    begin_ns: f64,
    length_ns: f64,
}

impl Ramp {
    pub(super) fn new(from_rps: f64, to_rps: f64, begin_ns: u64, length_ns: u64) -> Self {
        Self {
            from: from_rps / NANOS_PER_SECOND,
            to: to_rps / NANOS_PER_SECOND,
            begin_ns: begin_ns as f64,
            length_ns: length_ns as f64,
        }
    }

    /// Change of the rate in a nanosecond.
    fn slope(&self) -> f64 {
        (self.to - self.from) / self.length_ns
    }
}

impl Process for Ramp {
    /// The inverse of [`expected`](Self::expected): in the window `from·t + slope·t²/2` arrivals are
    /// due until t. Of the two forms of the solution of a quadratic equation, this one does not
    /// subtract nearly equal numbers.
    fn at(&mut self, number: u64) -> Option<u64> {
        let due_in_window = number as f64 - self.from * self.begin_ns;
        if due_in_window <= 0.0 {
            // A ramp from zero has its first arrival when the window opens.
            let before = self.from > 0.0;
            return to_nanos(if before {
                number as f64 / self.from
            } else {
                self.begin_ns
            });
        }
        let square = self.from * self.from + 2.0 * self.slope() * due_in_window;
        if square < 0.0 {
            // The rate reaches zero before this arrival.
            return None;
        }
        to_nanos(self.begin_ns + 2.0 * due_in_window / (self.from + square.sqrt()))
    }

    fn expected(&self, until_ns: f64) -> f64 {
        let in_window = (until_ns - self.begin_ns).clamp(0.0, self.length_ns);
        let after = (until_ns - self.begin_ns - self.length_ns).max(0.0);
        let before = until_ns.min(self.begin_ns);
        self.from * (before + in_window)
            + self.slope() * in_window * in_window / 2.0
            + self.to * after
    }
}
