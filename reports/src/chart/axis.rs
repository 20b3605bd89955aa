//! An axis with ticks at chosen places.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// A linear axis. Plotters places the ticks of its own axes at round numbers of the plotted
/// value, which are not round where that value is a logarithm.
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) ticks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (low, high): (i32, i32)) -> i32 {
        let length = self.range.end - self.range.start;
        // Clamped, since the logarithm of a latency of zero lies infinitely far below.
        let share = ((value - self.range.start) / length).clamp(0.0, 1.0);
        low + (share * f64::from(high - low)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}
