//! What a comparison measures, block by block.

use std::collections::BTreeMap;

use super::link::What;
use super::predicate::Figure;
use crate::record::Trial;
use crate::stats::MIN_BLOCKS;
use crate::study::Study;
use crate::units::plural;

/// What was measured in each block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Observed {
    /// In the order of the blocks; those without it are left out.
    pub(super) values: Vec<f64>,
    /// Why there are fewer than it takes to judge it.
    pub(super) lacks: Option<String>,
}

/// A figure in the blocks that have it.
struct ByBlock<'a> {
    figure: &'a Figure,
    trials: Vec<&'a Trial>,
    values: BTreeMap<u32, f64>,
    /// Whether enough answers lie beyond it, if it is a percentile.
    is_supported: bool,
}

impl Observed {
    pub(super) fn of(what: What<'_>, study: &Study, scenario: &str) -> Observed {
        let figures = what
            .figures()
            .map(|figure| ByBlock::of(figure, study, scenario));
        let figures: Vec<ByBlock> = figures.collect();
        let value = |block: u32| {
            what.value(&|figure| {
                let mut figures = figures.iter();
                let by_block = figures.find(|by_block| by_block.figure == figure)?;
                by_block.values.get(&block).copied()
            })
        };
        let blocks = figures
            .first()
            .into_iter()
            .flat_map(|first| first.values.keys());
        let values: Vec<f64> = blocks.filter_map(|block| value(*block)).collect();
        let few = || {
            (values.len() < MIN_BLOCKS).then(|| {
                let blocks = plural(values.len(), "block");
                format!("{blocks} have all of its figures, and it takes {MIN_BLOCKS}")
            })
        };
        let lacks = figures.iter().find_map(ByBlock::lacks).or_else(few);
        Observed { values, lacks }
    }
}

impl<'a> ByBlock<'a> {
    fn of(figure: &'a Figure, study: &'a Study, scenario: &str) -> ByBlock<'a> {
        let is_it = |t: &&Trial| t.scenario == scenario && t.strategy == figure.strategy;
        let trials: Vec<&Trial> = study.trials.iter().filter(is_it).collect();
        let metric = &figure.metric;
        let counted = || {
            let trials = trials.iter();
            trials.filter_map(|trial| Some((trial.block, metric.counted(trial)?)))
        };
        let is_supported = metric.is_supported(counted().map(|(_, measured)| measured));
        let values = counted().filter_map(|(block, measured)| Some((block, metric.of(measured)?)));
        ByBlock {
            values: values.filter(|_| is_supported).collect(),
            figure,
            is_supported,
            trials,
        }
    }

    /// Returns why the figure is known in too few blocks; `None` if it is not.
    fn lacks(&self) -> Option<String> {
        let known = self.values.len();
        if known >= MIN_BLOCKS {
            return None;
        }
        let (strategy, metric) = (&self.figure.strategy, self.figure.metric.name());
        let skipped = self.first(Trial::skipped);
        let failed = self.first(Trial::failed);
        let invalid = self.first(|trial| match self.figure.metric.counted(trial) {
            None => trial
                .measured()?
                .invalid_because
                .first()
                .map(String::as_str),
            Some(_) => None,
        });
        let blocks = plural(known, "block");
        Some(if let Some(why) = skipped {
            format!("{strategy} was skipped: {why}")
        } else if let Some(why) = failed {
            format!("{strategy} failed: {why}")
        } else if let Some(why) = invalid {
            format!("{strategy} is valid in {blocks}, and it takes {MIN_BLOCKS}: {why}")
        } else if !self.is_supported {
            format!("too few answers of {strategy} lie beyond its {metric}; measure for longer")
        } else {
            format!("{metric} of {strategy} is known in {blocks}, and it takes {MIN_BLOCKS}")
        })
    }

    fn first<'t>(&'t self, why: impl Fn(&'t Trial) -> Option<&'t str>) -> Option<&'t str> {
        self.trials.iter().find_map(|trial| why(trial))
    }
}
