//! A figure over blocks.

use serde::Serialize;

use super::Interval;

/// Mean and range of a figure over the blocks in which it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean that the [`Scale`] of the figure asks for.
    pub mean: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The 95% confidence interval of that mean or, with too few blocks, their range. It holds the
    /// mean. Absent for one block.
    pub interval: Option<Interval>,
    /// Number of blocks with the figure.
    pub blocks: usize,
}

/// On which scale a figure varies, and so which mean it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A figure above zero, such as a time or a rate, that is twice or half of another: the geometric
    /// mean, as ratios have it, so that the ratio of two means is the mean ratio.
    Ratio,
    /// The same for an index of at most 1, which its interval does not exceed.
    Index,
    /// A figure that may well be zero, such as a count per request: the arithmetic mean.
    Count,
}

impl Scale {
    fn forward(self, value: f64) -> f64 {
        match self {
            Scale::Ratio | Scale::Index => value.ln(),
            Scale::Count => value,
        }
    }

    fn back(self, value: f64) -> f64 {
        match self {
            Scale::Ratio => value.exp(),
            Scale::Index => value.exp().min(1.0),
            Scale::Count => value.max(0.0),
        }
    }
}

impl Spread {
    /// Takes finite values of at least 0; `None` without any.
    pub fn of(values: impl IntoIterator<Item = f64>, scale: Scale) -> Option<Spread> {
        let values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        let min = values.iter().copied().reduce(f64::min)?;
        let max = values.iter().copied().reduce(f64::max)?;
        let scaled: Vec<f64> = values.iter().map(|value| scale.forward(*value)).collect();
        let mean = scale.back(scaled.iter().sum::<f64>() / scaled.len() as f64);
        // There and back again is not exact, and the mean of equal values is that value.
        let mean = mean.clamp(min, max);
        let interval = Interval::of(&scaled);
        Some(Spread {
            mean,
            min,
            max,
            interval: interval.map(|of| of.map(|end| scale.back(end)).holding(mean)),
            blocks: values.len(),
        })
    }

    /// Returns how far the confidence interval reaches up from its middle, as a share of it: the `±` of
    /// the tables.
    pub fn relative_half_width(&self) -> Option<f64> {
        self.interval?.relative_half_width()
    }

    /// Whether the two ranges have a value in common.
    pub fn overlaps(&self, other: &Spread) -> bool {
        self.min <= other.max && other.min <= self.max
    }
}

/// Returns the mean of values on a scale; `None` without any.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>, scale: Scale) -> Option<f64> {
    Spread::of(values, scale).map(|spread| spread.mean)
}
