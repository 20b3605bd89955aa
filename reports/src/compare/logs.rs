//! Logarithms of figures, block by block.

use std::collections::BTreeMap;

use super::metric::Metric;
use crate::study::Study;

/// Logarithms of a figure, by block.
pub(super) type Logs = BTreeMap<u32, f64>;

/// Returns those of the valid trials of a strategy under a scenario.
pub(super) fn by_block(study: &Study, scenario: &str, strategy: &str, metric: Metric) -> Logs {
    let is_it = |t: &&crate::Trial| t.scenario == scenario && t.strategy == strategy;
    let trials = study
        .trials
        .iter()
        .filter(is_it)
        .filter_map(|trial| Some((trial.block, metric.of(trial.valid()?)?.ln())));
    trials.collect()
}

/// Returns log ratios of the common blocks, in the order of the blocks.
pub(super) fn paired(baseline: &Logs, candidate: &Logs) -> Vec<f64> {
    let both = candidate
        .iter()
        .filter_map(|(block, log)| Some(log - baseline.get(block)?));
    both.collect()
}
