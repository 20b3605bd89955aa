//! Arrivals at recorded times.

use super::process::{GapDistribution, Process};
use crate::spec::Trace;

impl Process for Trace {
    fn at(&mut self, number: u64) -> Option<u64> {
        let number = usize::try_from(number).ok()?;
        self.times_ns.get(number).copied()
    }

    fn expected(&self, until_ns: f64) -> f64 {
        let before = |at: &u64| (*at as f64) < until_ns;
        self.times_ns.partition_point(before) as f64
    }

    fn gaps(&self) -> GapDistribution {
        GapDistribution::Recorded
    }
}
