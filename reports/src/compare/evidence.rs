//! Inference from log ratios.

use crate::stats::rank::{rank_sum, signed_rank};
use crate::stats::{Interval, Sample, student};

/// An estimated log ratio with its uncertainty.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// The estimate.
    pub(crate) mean: f64,
    /// Standard deviation of one block's log ratio.
    pub(super) spread: f64,
    standard_error: f64,
    degrees: f64,
    data: Data,
}

#[derive(Clone, Debug)]
enum Data {
    Paired(Sample),
    Independent { baseline: Sample, candidate: Sample },
}

impl Evidence {
    /// Takes log ratios, one per block.
    pub(crate) fn paired(ratios: Sample) -> Evidence {
        let spread = ratios.variance().sqrt();
        Evidence {
            mean: ratios.mean(),
            spread,
            standard_error: spread / ratios.count().sqrt(),
            degrees: ratios.count() - 1.0,
            data: Data::Paired(ratios),
        }
    }

    /// Takes the logs of two studies without a common block: B. L. Welch, "The
    /// generalization of 'Student's' problem when several different population variances are
    /// involved", Biometrika 34, 1947.
    pub(super) fn independent(baseline: Sample, candidate: Sample) -> Evidence {
        let part = |sample: &Sample| sample.variance() / sample.count();
        let own = |sample: &Sample| part(sample).powi(2) / (sample.count() - 1.0);
        let parts = part(&baseline) + part(&candidate);
        let degrees = parts.powi(2) / (own(&baseline) + own(&candidate));
        Evidence {
            mean: candidate.mean() - baseline.mean(),
            spread: (baseline.variance() + candidate.variance()).sqrt(),
            standard_error: parts.sqrt(),
            degrees: degrees.max(1.0), // also if nothing varies, and the quotient is NaN
            data: Data::Independent {
                baseline,
                candidate,
            },
        }
    }

    /// Returns the confidence interval of the estimate.
    pub(super) fn interval(&self) -> Interval {
        Interval::about(self.mean, self.standard_error, self.degrees)
    }

    /// Returns the same evidence as if its blocks had been seen again and again, up to this number.
    pub(super) fn repeated(&self, blocks: usize) -> Evidence {
        let again = |sample: &Sample| sample.repeated(blocks);
        let data = match &self.data {
            Data::Paired(ratios) => Data::Paired(again(ratios)),
            Data::Independent {
                baseline,
                candidate,
            } => Data::Independent {
                baseline: again(baseline),
                candidate: again(candidate),
            },
        };
        Evidence {
            data,
            ..self.clone()
        }
    }

    /// Returns the probability that chance puts the estimate this far beyond the margin on either side,
    /// by a t test, if the true ratio is at the margin.
    pub(crate) fn p_by_size(&self, log_margin: f64) -> f64 {
        let excess = self.mean.abs() - log_margin;
        if excess <= 0.0 {
            return 1.0;
        }
        let p = 2.0 * student::beyond(excess / self.standard_error, self.degrees);
        p.min(1.0)
    }

    /// Returns the same by an exact rank test, which assumes nothing about the shape of the noise.
    pub(crate) fn p_by_rank(&self, log_margin: f64) -> f64 {
        let sign = self.mean.signum();
        let beyond =
            |values: &[f64]| -> Vec<f64> { values.iter().map(|v| sign * v - log_margin).collect() };
        let p = 2.0
            * match &self.data {
                Data::Paired(ratios) => signed_rank(&beyond(ratios.values())),
                Data::Independent {
                    baseline,
                    candidate,
                } => {
                    let own: Vec<f64> = baseline.values().iter().map(|v| sign * v).collect();
                    rank_sum(&beyond(candidate.values()), &own)
                }
            };
        p.min(1.0)
    }
}
