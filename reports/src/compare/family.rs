//! Families of comparisons: pairs of strategies in metrics of scenarios, not yet judged.

use std::collections::BTreeMap;

use super::by_block::{ByBlock, paired};
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::judge::Unjudged;
use super::metric::Metric;
use super::ratio::Ratio;
use crate::record::ScenarioRecord;
use crate::stats::{Sample, Spread};
use crate::study::Study;

/// A metric of a scenario.
pub(super) struct ScenarioMetric<'a> {
    scenario: &'a ScenarioRecord,
    metric: Metric,
    log_margin: f64,
}

impl<'a> ScenarioMetric<'a> {
    /// `None` if the criteria leave it out.
    fn of(scenario: &'a ScenarioRecord, metric: Metric, criteria: &Criteria) -> Option<Self> {
        let margin = criteria.margin_of(&scenario.name, metric)?;
        Some(ScenarioMetric {
            scenario,
            metric,
            log_margin: margin.ln_1p(),
        })
    }

    /// Returns a comparison of which nothing is known.
    pub(super) fn unjudged(&self, (baseline, candidate): (&'a str, &'a str)) -> Unjudged<'a> {
        Unjudged {
            scenario: &self.scenario.name,
            metric: self.metric,
            baseline,
            candidate,
            blocks: 0,
            figures: [None; 2],
            ratio: None,
            log_margin: self.log_margin,
            evidence: None,
        }
    }

    pub(super) fn by_block(&self, study: &Study, strategy: &str) -> ByBlock {
        ByBlock::of(study, &self.scenario.name, strategy, self.metric)
    }

    /// Returns the name of the scenario.
    pub(super) fn name(&self) -> &'a str {
        &self.scenario.name
    }

    pub(super) fn metric(&self) -> Metric {
        self.metric
    }

    /// Returns the figure of a strategy over its valid blocks.
    pub(super) fn figure(&self, study: &Study, strategy: &str) -> Option<Spread> {
        self.by_block(study, strategy).spread()
    }
}

/// Returns these metrics of every scenario in which they apply.
pub(super) fn scenario_metrics<'a>(
    study: &'a Study,
    criteria: &Criteria,
    metrics: &[Metric],
) -> Vec<ScenarioMetric<'a>> {
    let asked = study.header.plan.scenarios.iter().flat_map(|scenario| {
        let metrics = metrics.iter().copied();
        metrics
            .filter(|metric| metric.applies_to(scenario.loop_kind))
            .filter_map(|metric| ScenarioMetric::of(scenario, metric, criteria))
    });
    asked.collect()
}

pub(super) fn leading_metrics<'a>(
    study: &'a Study,
    criteria: &Criteria,
) -> Vec<ScenarioMetric<'a>> {
    let asked = study.header.plan.scenarios.iter().filter_map(|scenario| {
        let metric = leading_metric(study, scenario)?;
        ScenarioMetric::of(scenario, metric, criteria)
    });
    asked.collect()
}

/// Returns the metric that decides in a scenario of a study: the first of [`Metric::leading`] that most
/// of its valid trials have.
pub fn leading_metric(study: &Study, scenario: &ScenarioRecord) -> Option<Metric> {
    let mut choices = Metric::leading(scenario.loop_kind).iter().copied();
    choices.find(|metric| is_mostly_known(study, scenario, *metric))
}

/// Whether at least half of the valid trials of a scenario have the figure.
fn is_mostly_known(study: &Study, scenario: &ScenarioRecord, metric: Metric) -> bool {
    let trials = study.trials.iter().filter(|t| t.scenario == scenario.name);
    let valid = trials.filter(|trial| trial.valid().is_some()).count();
    let figures = keys(study).map(|key| ByBlock::of(study, &scenario.name, key, metric));
    let known: usize = figures.map(|figures| figures.blocks().count()).sum();
    known > 0 && 2 * known >= valid
}

/// Returns the keys of the strategies of a study, in the order of its plan.
pub(super) fn keys(study: &Study) -> impl Iterator<Item = &str> {
    study.header.plan.strategies.iter().map(|s| s.key.as_str())
}

/// Returns the comparisons of pairs, not yet judged.
pub(super) fn unjudged<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    scenario_metrics: &[ScenarioMetric<'a>],
) -> Vec<Unjudged<'a>> {
    let mut family = Vec::new();
    for scenario_metric in scenario_metrics {
        let by_block = |key: &'a str| (key, scenario_metric.by_block(study, key));
        let figures: BTreeMap<&str, ByBlock> = keys(study).map(by_block).collect();
        for &(baseline, candidate) in pairs {
            let both = figures.get(baseline).zip(figures.get(candidate));
            let Some((a, b)) = both else { continue };
            let ratios = paired(a, b);
            family.push(Unjudged {
                blocks: ratios.len(),
                figures: [a.within(b).spread(), b.within(a).spread()],
                ratio: Ratio::of_blocks(&ratios),
                evidence: Sample::new(ratios).map(Evidence::paired),
                ..scenario_metric.unjudged((baseline, candidate))
            });
        }
    }
    family.retain(|unjudged| unjudged.blocks > 0);
    family
}
