//! A ratio of two figures.

use serde::Serialize;

use super::evidence::Evidence;
use crate::stats::{Interval, MIN_BLOCKS};

/// A ratio of two figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Geometric mean over blocks.
    pub estimate: f64,
    /// Its 95% confidence interval or, with too few blocks, the range of the blocks. Absent for one
    /// block.
    pub interval: Option<Interval>,
}

impl Ratio {
    /// Takes log ratios, one per block; `None` without any.
    pub(super) fn of_blocks(log_ratios: &[f64]) -> Option<Ratio> {
        (!log_ratios.is_empty()).then(|| Ratio::of_logs(log_ratios, Interval::of(log_ratios)))
    }

    /// Takes the logs of two studies that have no block in common; `None` if one has none. With too few
    /// blocks in one of them, the range is that of any candidate over any baseline.
    pub(super) fn of_studies(
        baseline: &[f64],
        candidate: &[f64],
        evidence: Option<&Evidence>,
    ) -> Option<Ratio> {
        let with_all = |b: &f64| baseline.iter().map(move |a| b - a).collect::<Vec<_>>();
        let all: Vec<f64> = candidate.iter().flat_map(with_all).collect();
        let is_enough = baseline.len().min(candidate.len()) >= MIN_BLOCKS;
        let confident = evidence.filter(|_| is_enough).map(Evidence::interval);
        let interval = confident.or_else(|| Interval::range(&all));
        (!all.is_empty()).then(|| Ratio::of_logs(&all, interval))
    }

    fn of_logs(logs: &[f64], interval: Option<Interval>) -> Ratio {
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let estimate = mean.exp();
        let interval = interval.map(|of| of.map(f64::exp).holding(estimate));
        Ratio { estimate, interval }
    }

    /// Returns the ratio of the baseline to the candidate.
    #[must_use]
    pub fn reciprocal(self) -> Ratio {
        Ratio {
            estimate: 1.0 / self.estimate,
            interval: self.interval.map(Interval::reciprocal),
        }
    }

    /// Returns how far the confidence interval reaches up, relative: 0.03 if it reaches 3% up from the
    /// estimate; `None` if there is none.
    pub fn half_width(&self) -> Option<f64> {
        self.interval?.relative_half_width()
    }
}
