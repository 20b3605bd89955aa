//! Arrivals of many unrelated clients.

use rand_pcg::Pcg64;

use super::process::{GapDistribution, NANOS_PER_SECOND, Process};
use crate::random::{Purpose, exponential, stream};

/// A Poisson process: gaps are independent and exponentially distributed.
pub(super) struct Poisson {
    random: Pcg64,
    mean_gap_ns: f64,
    /// Number of arrivals drawn, and when the last of them is due. The fraction of a nanosecond is
    /// kept separately, so that rounding errors do not accumulate.
    drawn: u64,
    at_ns: u64,
    fraction_ns: f64,
}

impl Poisson {
    pub(super) fn new(rate_rps: f64, seed: u64) -> Self {
        Self {
            random: stream(seed, 0, Purpose::Arrivals),
            mean_gap_ns: NANOS_PER_SECOND / rate_rps,
            drawn: 0,
            at_ns: 0,
            fraction_ns: 0.0,
        }
    }

    fn draw(&mut self) {
        let gap_ns = self.fraction_ns + exponential(&mut self.random) * self.mean_gap_ns;
        self.at_ns = self.at_ns.saturating_add(gap_ns as u64);
        self.fraction_ns = gap_ns.fract();
        self.drawn += 1;
    }
}

impl Process for Poisson {
    /// Draws the arrivals of the other threads as well: it costs some nanoseconds each, and the
    /// sequence does not depend on the number of threads.
    fn at(&mut self, number: u64) -> Option<u64> {
        while self.drawn <= number {
            self.draw();
        }
        (self.at_ns < u64::MAX).then_some(self.at_ns)
    }

    fn expected(&self, until_ns: f64) -> f64 {
        until_ns / self.mean_gap_ns
    }

    fn gaps(&self) -> GapDistribution {
        GapDistribution::Exponential
    }
}
