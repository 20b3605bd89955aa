//! Latency by percentile, over all blocks together.

use crate::histogram::{self, Histogram, HistogramError, NS_PER_US};
use crate::record::Measured;

/// How many answers must lie beyond a percentile for it to be more than an anecdote.
///
/// With k samples beyond a quantile, their number alone has a relative standard error of about
/// 1/√k (a Poisson count); at ten that is a third, and below it the estimate is mostly chance.
pub const MIN_SAMPLES_BEYOND: f64 = 10.0;

/// How many of them each block must have at least, if the blocks together have that many.
///
/// The interval over blocks sees how much a percentile of few answers varies, but not that it is too low
/// on average: of one or two answers beyond it by 5 to 23%, and the interval then holds the true
/// value in 76 to 86 studies of 100; from three on it does in 91 to 95 (of six blocks of independent
/// answers, exponential and lognormal).
pub const MIN_BEYOND_IN_A_BLOCK: f64 = 3.0;

/// Returns how many of some answers lie beyond a quantile.
pub(crate) fn beyond(quantile: f64, answers: u64) -> f64 {
    // Rounded, since 1.0 - 0.999 is a little less than a thousandth.
    (answers as f64 * (1.0 - quantile)).round()
}

/// Points per factor of ten in 1−q: enough for a curve that looks continuous.
const POINTS_PER_NINE: f64 = 20.0;

/// Response time by percentile.
#[derive(Clone, Debug, PartialEq)]
pub struct PercentileCurve {
    /// (number of nines −log₁₀(1−q), response time in microseconds), both rising.
    pub points: Vec<(f64, f64)>,
    /// Number of answers.
    pub samples: u64,
}

/// Merges the histograms (nanoseconds) of several trials; `None` if there is none.
///
/// # Errors
/// If a histogram cannot be decoded.
pub fn merged_histogram<'a>(
    trials: impl IntoIterator<Item = &'a Measured>,
) -> Result<Option<Histogram<u64>>, HistogramError> {
    let mut merged: Option<Histogram<u64>> = None;
    for text in trials.into_iter().filter_map(|t| t.histogram.as_ref()) {
        let next = histogram::decode(text)?;
        match &mut merged {
            None => {
                let mut first = next;
                first.auto(true); // a later block may hold longer times than this one has room for
                merged = Some(first);
            }
            Some(sum) => sum.add(next)?,
        }
    }
    Ok(merged)
}

impl PercentileCurve {
    /// Takes a histogram of nanoseconds, up to the percentile that [`MIN_SAMPLES_BEYOND`] allows; `None`
    /// if that is below the median.
    pub fn of(nanoseconds: &Histogram<u64>) -> Option<PercentileCurve> {
        let samples = nanoseconds.len();
        let end = (samples as f64 / MIN_SAMPLES_BEYOND).log10();
        if end < nines(0.5) {
            return None;
        }
        let steps = (end * POINTS_PER_NINE).floor() as u32;
        let nines: Vec<f64> = (0..=steps)
            .map(|step| f64::from(step) / POINTS_PER_NINE)
            .chain([end])
            .collect();
        let quantiles: Vec<f64> = nines.iter().map(|x| 1.0 - 10f64.powf(-x)).collect();
        let latencies = nanoseconds
            .value_at_quantiles(quantiles)
            .map(|ns| ns as f64 / NS_PER_US);
        let points = nines.into_iter().zip(latencies).collect();
        Some(PercentileCurve { points, samples })
    }
}

/// Returns a quantile as a number of nines: 0.9 is 1, 0.999 is 3.
pub(crate) fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).log10()
}
