//! Evenly spaced arrivals.

use super::process::{Process, to_nanos};

pub(super) struct Constant {
    pub(super) gap_ns: f64,
}

impl Process for Constant {
    /// Computed from the number, not by adding gaps, so errors do not accumulate. Two roundings of a
    /// double are off by less than a thousandth of a nanosecond in an hour.
    fn at(&mut self, number: u64) -> Option<u64> {
        to_nanos(number as f64 * self.gap_ns)
    }

    fn expected(&self, until_ns: f64) -> f64 {
        until_ns / self.gap_ns
    }
}
