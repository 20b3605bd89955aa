//! Figures block by block.

use std::collections::BTreeMap;

use super::metric::Metric;
use crate::record::Measured;
use crate::stats::Spread;
use crate::study::Study;

/// A figure of a strategy by block: above 0, of valid trials only; empty if too few answers of all blocks
/// lie beyond a percentile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ByBlock {
    metric: Metric,
    figures: BTreeMap<u32, f64>,
}

impl ByBlock {
    /// Of a strategy under a scenario.
    pub(crate) fn of(study: &Study, scenario: &str, strategy: &str, metric: Metric) -> ByBlock {
        let is_it = |t: &&crate::Trial| t.scenario == scenario && t.strategy == strategy;
        let trials = study.trials.iter().filter(is_it);
        let valid = trials.filter_map(|t| Some((t.block, t.valid()?)));
        let mut valid: Vec<(u32, &Measured)> = valid.collect();
        if !metric.is_supported(valid.iter().map(|(_, measured)| *measured)) {
            valid.clear();
        }
        let figures = valid.into_iter();
        let figures = figures.filter_map(|(block, m)| Some((block, metric.of(m)?)));
        ByBlock {
            metric,
            figures: figures.collect(),
        }
    }

    /// Returns the numbers of the blocks.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = u32> {
        self.figures.keys().copied()
    }

    /// Returns the part of the blocks that another one has too.
    pub(super) fn within(&self, other: &ByBlock) -> ByBlock {
        let figures = self.figures.iter().map(|(block, figure)| (*block, *figure));
        let common = figures.filter(|(block, _)| other.figures.contains_key(block));
        ByBlock {
            metric: self.metric,
            figures: common.collect(),
        }
    }

    /// Returns logarithms in the order of the blocks.
    pub(super) fn logs(&self) -> Vec<f64> {
        self.figures.values().map(|figure| figure.ln()).collect()
    }

    /// Returns the figure over the blocks.
    pub(super) fn spread(&self) -> Option<Spread> {
        Spread::of(self.figures.values().copied(), self.metric.scale())
    }
}

/// Returns log ratios of the common blocks, in the order of the blocks.
pub(super) fn paired(baseline: &ByBlock, candidate: &ByBlock) -> Vec<f64> {
    let baseline_logs = baseline.within(candidate).logs();
    let logs = candidate.within(baseline).logs().into_iter();
    logs.zip(baseline_logs).map(|(b, a)| b - a).collect()
}
