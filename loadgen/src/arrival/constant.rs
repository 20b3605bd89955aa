//! Evenly spaced arrivals.

use super::{NANOS_PER_SECOND, Process, to_nanos};

#[derive(Debug)]
pub(super) struct Constant {
    gap_ns: f64,
}

impl Constant {
    pub(super) fn new(rate_rps: f64) -> Self {
        Self {
            gap_ns: NANOS_PER_SECOND / rate_rps,
        }
    }
}

impl Process for Constant {
    /// From the number, not by adding up gaps: no error builds up. Two roundings
    /// of a double are off by less than a thousandth of a nanosecond in an hour.
    fn at(&mut self, number: u64) -> Option<u64> {
        to_nanos(number as f64 * self.gap_ns)
    }

    fn ordered(&self, until_ns: f64) -> f64 {
        until_ns / self.gap_ns
    }
}
