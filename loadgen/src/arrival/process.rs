//! What an arrival process is.

use crate::clock::Window;

pub(super) const NANOS_PER_SECOND: f64 = 1e9;

/// A sequence of arrivals.
pub(crate) trait Process: Send {
    /// Returns when the arrival with this number is due, in nanoseconds since the load began; `None`
    /// if there are fewer arrivals. Numbers count from 0 and must not decrease from call to call;
    /// times do not decrease either.
    fn at(&mut self, number: u64) -> Option<u64>;

    /// Returns the expected number of arrivals from the start of the load until this time, in
    /// nanoseconds. Its slope is the rate.
    fn expected(&self, until_ns: f64) -> f64;

    /// Returns the distribution of the gaps between arrivals.
    fn gaps(&self) -> GapDistribution {
        GapDistribution::Even
    }

    /// Returns the expected number of arrivals in this window.
    fn expected_in(&self, window: Window) -> f64 {
        self.expected(window.end as f64) - self.expected(window.begin as f64)
    }
}

/// The distribution of gaps, at a rate that may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GapDistribution {
    Even,
    Exponential,
    Recorded,
}

/// Rounds a computed time to nanoseconds; `None` if it is beyond the 584 years of 64 bits.
pub(super) fn to_nanos(at_ns: f64) -> Option<u64> {
    // The cast of a float saturates.
    let at = at_ns.round() as u64;
    (at < u64::MAX).then_some(at)
}
