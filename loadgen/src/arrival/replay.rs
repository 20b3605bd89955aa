//! Arrivals at recorded times.

use super::process::{GapDistribution, Process};
use crate::spec::Trace;

#[derive(Debug)]
pub(super) struct Replay {
    trace: Trace,
}

impl Replay {
    pub(super) fn new(trace: Trace) -> Self {
        Self { trace }
    }
}

impl Process for Replay {
    fn at(&mut self, number: u64) -> Option<u64> {
        let number = usize::try_from(number).ok()?;
        self.trace.times_ns().get(number).copied()
    }

    fn expected(&self, until_ns: f64) -> f64 {
        let before = |at: &u64| (*at as f64) < until_ns;
        self.trace.times_ns().partition_point(before) as f64
    }

    fn gaps(&self) -> GapDistribution {
        GapDistribution::Recorded
    }
}
