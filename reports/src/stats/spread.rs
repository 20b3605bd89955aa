//! A figure over blocks.

use serde::Serialize;

use super::{Sample, student};

/// Confidence of a [`ConfidenceInterval`], as for ratios.
const LEVEL: f64 = 0.95;

/// The 95% confidence interval of the typical value of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ConfidenceInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Median and range of a figure over the blocks in which it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle value, or the mean of the two middle ones.
    pub median: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The 95% interval of the geometric mean, by Student's t on logs, as for ratios. Absent for one
    /// block, and for a figure that is not above zero in all blocks.
    pub interval: Option<ConfidenceInterval>,
    /// Number of blocks with the figure.
    pub blocks: usize,
}

/// Returns the median of finite values; `None` without any.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    Spread::of(values).map(|spread| spread.median)
}

impl Spread {
    /// Takes finite values; `None` without any.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let blocks = values.len();
        let median = f64::midpoint(values[(blocks - 1) / 2], values[blocks / 2]);
        Some(Spread {
            median,
            min,
            max,
            interval: interval(&values),
            blocks,
        })
    }

    /// Returns how far the interval reaches up from its middle, as a share of it: the `±` of the tables.
    pub fn relative_half_width(&self) -> Option<f64> {
        let ConfidenceInterval { low, high } = self.interval?;
        Some((high / low).sqrt() - 1.0)
    }

    /// Whether the two ranges have a value in common.
    pub fn overlaps(&self, other: &Spread) -> bool {
        self.min <= other.max && other.min <= self.max
    }
}

fn interval(values: &[f64]) -> Option<ConfidenceInterval> {
    let logs = Sample::new(values.iter().map(|value| value.ln()).collect())?;
    let standard_error = (logs.variance() / logs.count()).sqrt();
    let reach = student::quantile(f64::midpoint(1.0, LEVEL), logs.count() - 1.0) * standard_error;
    Some(ConfidenceInterval {
        low: (logs.mean() - reach).exp(),
        high: (logs.mean() + reach).exp(),
    })
}
