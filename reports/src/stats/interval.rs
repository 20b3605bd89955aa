//! Between which values a figure or a ratio lies.

use serde::Serialize;

use super::{Sample, student};

/// Fewest blocks for a confidence interval, and for a verdict, at 95%.
///
/// Six of six on the same side happen by chance in 2 of 64 cases, or 3%, five of five in 6%. So the
/// range of six blocks holds the middle of any noise in 97 studies of 100, and that of five in too
/// few: an interval of fewer blocks would rest on nothing but the belief that the noise is normal,
/// with Student's t so far out that it may end at a thousand times the figure.
pub const MIN_BLOCKS: usize = 6;

/// Confidence of intervals.
const LEVEL: f64 = 0.95;

/// A confidence interval or, with too few blocks for one, the range of the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What the ends are.
    pub kind: IntervalKind,
}

/// What the ends of an [`Interval`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// Those of the 95% confidence interval of the mean, by Student's t.
    Confidence,
    /// The lowest and the highest block, with fewer than [`MIN_BLOCKS`].
    Range,
}

impl IntervalKind {
    /// Returns its name in records.
    pub fn name(self) -> &'static str {
        match self {
            IntervalKind::Confidence => "confidence",
            IntervalKind::Range => "range",
        }
    }
}

impl Interval {
    /// About the mean of values that are as good as normal, such as logarithms. `None` of fewer than
    /// two. Values that have no mean, such as the logarithm of 0, have a range.
    pub(crate) fn of(values: &[f64]) -> Option<Interval> {
        let sample = Sample::new(values.to_vec()).filter(|_| values.len() >= MIN_BLOCKS);
        match sample {
            Some(sample) => {
                let standard_error = (sample.variance() / sample.count()).sqrt();
                let degrees = sample.count() - 1.0;
                Some(Interval::about(sample.mean(), standard_error, degrees))
            }
            None => Interval::range(values),
        }
    }

    /// The range of values; `None` of fewer than two.
    pub(crate) fn range(values: &[f64]) -> Option<Interval> {
        (values.len() > 1).then(|| Interval {
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            kind: IntervalKind::Range,
        })
    }

    /// The confidence interval about an estimate.
    pub(crate) fn about(estimate: f64, standard_error: f64, degrees: f64) -> Interval {
        let reach = student::quantile(f64::midpoint(1.0, LEVEL), degrees) * standard_error;
        Interval {
            low: estimate - reach,
            high: estimate + reach,
            kind: IntervalKind::Confidence,
        }
    }

    /// Returns the interval with both ends mapped by a rising function.
    #[must_use]
    pub(crate) fn map(self, ends: impl Fn(f64) -> f64) -> Interval {
        Interval {
            low: ends(self.low),
            high: ends(self.high),
            ..self
        }
    }

    /// Returns the interval with an estimate in it. Only rounding can have put it outside.
    #[must_use]
    pub(crate) fn holding(self, estimate: f64) -> Interval {
        Interval {
            low: self.low.min(estimate),
            high: self.high.max(estimate),
            ..self
        }
    }

    /// Returns the interval of the reciprocal.
    #[must_use]
    pub fn reciprocal(self) -> Interval {
        Interval {
            low: 1.0 / self.high,
            high: 1.0 / self.low,
            ..self
        }
    }

    /// Whether it is a confidence interval.
    pub fn is_confidence(&self) -> bool {
        self.kind == IntervalKind::Confidence
    }

    /// Returns how far a confidence interval of something above zero reaches up from its middle, as a
    /// share of it: 0.03 if it reaches 3% up.
    pub fn relative_half_width(&self) -> Option<f64> {
        self.is_confidence()
            .then(|| (self.high / self.low).sqrt() - 1.0)
    }

    /// `95 to 105`, or `range 95 to 105`.
    pub fn words(&self, show: impl Fn(f64) -> String) -> String {
        let ends = format!("{} to {}", show(self.low), show(self.high));
        match self.kind {
            IntervalKind::Confidence => ends,
            IntervalKind::Range => format!("range {ends}"),
        }
    }
}
