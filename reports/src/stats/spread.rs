//! A figure over blocks.

use serde::Serialize;

/// Median and range of a figure over the blocks in which it was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle value, or the mean of the two middle ones.
    pub median: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// How many blocks have the figure.
    pub blocks: usize,
}

impl Spread {
    /// The spread of finite values; `None` if there is none.
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
            blocks,
        })
    }

    /// Half the range as a share of the median: the `±` of the tables. `None` for one block,
    /// which says nothing about spread, and for a median of zero.
    pub fn relative_half_range(&self) -> Option<f64> {
        (self.blocks > 1 && self.median != 0.0)
            .then(|| (self.max - self.min) / 2.0 / self.median.abs())
    }

    /// Whether the two ranges have a value in common.
    pub fn overlaps(&self, other: &Spread) -> bool {
        self.min <= other.max && other.min <= self.max
    }
}
