//! Response times of all blocks together.

use crate::error::RenderError;
use crate::histogram::{Histogram, HistogramError};
use crate::stats::{ScenarioSummary, StrategySummary, merged_histogram};

/// Returns the answers of all blocks together, of every strategy that has any.
pub(super) fn merged<'s>(
    summary: &'s ScenarioSummary<'s>,
) -> Result<Vec<(&'s StrategySummary<'s>, Histogram<u64>)>, RenderError> {
    let mut merged = Vec::new();
    for strategy in &summary.strategies {
        let histogram = merged_histogram(strategy.used.iter().copied());
        let histogram = histogram.map_err(|source| unusable(strategy, summary, source))?;
        let answered = histogram.filter(|histogram| !histogram.is_empty());
        merged.extend(answered.map(|histogram| (strategy, histogram)));
    }
    Ok(merged)
}

/// Returns the error for a histogram that cannot be used.
pub(super) fn unusable(
    strategy: &StrategySummary,
    summary: &ScenarioSummary,
    source: HistogramError,
) -> RenderError {
    RenderError::Histogram {
        strategy: strategy.strategy.to_owned(),
        scenario: summary.scenario.name.clone(),
        source,
    }
}
