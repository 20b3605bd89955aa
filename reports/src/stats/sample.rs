//! Values that have a mean and a variance.

/// Returns the middle of finite values, or the mean of the two middle ones; `None` without any.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let above = values.get(values.len() / 2)?;
    Some(f64::midpoint(values[(values.len() - 1) / 2], *above))
}

/// At least two values, all finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample(Vec<f64>);

impl Sample {
    /// `None` if there are fewer than two values, or one of them is not finite.
    pub fn new(values: Vec<f64>) -> Option<Sample> {
        (values.len() >= 2 && values.iter().all(|v| v.is_finite())).then_some(Sample(values))
    }

    /// Returns the values, in the given order.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// Returns that many values: these again and again.
    pub(crate) fn repeated(&self, count: usize) -> Sample {
        Sample(self.0.iter().copied().cycle().take(count).collect())
    }

    pub(crate) fn count(&self) -> f64 {
        self.0.len() as f64
    }

    /// Returns the arithmetic mean.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.count()
    }

    /// Returns the variance, estimated with n − 1.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.0.iter().map(|v| (v - mean).powi(2)).sum();
        squares / (self.count() - 1.0)
    }
}
