//! The comparisons of a study, and of two.

use std::collections::BTreeMap;

use super::by_block::{ByBlock, paired};
use super::comparison::Comparison;
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::judge::{Unjudged, judge};
use super::metric::Metric;
use super::ranking::leading_pairs;
use super::ratio::Ratio;
use crate::record::ScenarioRecord;
use crate::stats::{Sample, Spread};
use crate::study::Study;

/// Compares all strategies of a study with one of them, as [`strategies`] does.
pub fn with_baseline<'a>(
    study: &'a Study,
    baseline: &'a str,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    strategies(study, &against(study, baseline), criteria)
}

/// Compares (baseline, candidate) pairs of strategies in every metric of every scenario: in the leading
/// one as [`rankings`](super::rankings) do, so that a pair has the same verdict in every report, in
/// the others as [`pairs`] do.
pub fn strategies<'a>(
    study: &'a Study,
    compared: &[(&'a str, &'a str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let leading = leading_pairs(study, compared, criteria);
    let judged = pairs(study, compared, criteria).into_iter();
    let ranked = |one: Comparison<'a>| {
        let is_here = |c: &&Comparison| (c.scenario, c.metric) == (one.scenario, one.metric);
        let mut here = leading.iter().filter(is_here);
        here.find_map(|pair| pair.seen_as(one.baseline, one.candidate))
            .unwrap_or(one)
    };
    judged.map(ranked).collect()
}

/// Compares all strategies of a study with one of them, in the leading metric of each scenario, as one
/// family. This decides whether a study has enough blocks.
pub fn leading<'a>(
    study: &'a Study,
    baseline: &'a str,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    leading_of(study, &against(study, baseline), criteria)
}

/// Compares (baseline, candidate) pairs in the leading metric of each scenario, as one family.
pub(super) fn leading_of<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let scenario_metrics = leading_metrics(study, criteria);
    judge(unjudged(study, pairs, &scenario_metrics), criteria)
}

/// Compares (baseline, candidate) pairs of a study in every metric of every scenario, as one family:
/// scenario by scenario, metric by metric. Pairs without a common block are left out.
pub fn pairs<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let scenario_metrics = scenario_metrics(study, criteria, &Metric::ALL);
    judge(unjudged(study, pairs, &scenario_metrics), criteria)
}

/// Compares two studies: each common strategy with itself, in every metric of every common scenario,
/// as one family.
///
/// They did not run interleaved, so what changed between them (machine, day, neighbours) is part
/// of the ratio. Prefer one study with both.
pub fn studies<'a>(
    baseline: &'a Study,
    candidate: &'a Study,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let mut family = Vec::new();
    for scenario_metric in scenario_metrics(baseline, criteria, &Metric::ALL) {
        for strategy in keys(baseline) {
            let sides =
                [baseline, candidate].map(|study| scenario_metric.by_block(study, strategy));
            let [before, after] = [sides[0].logs(), sides[1].logs()];
            let samples = Sample::new(before.clone()).zip(Sample::new(after.clone()));
            let evidence = samples.map(|(before, after)| Evidence::independent(before, after));
            family.push(Unjudged {
                blocks: before.len().min(after.len()),
                figures: [sides[0].spread(), sides[1].spread()],
                ratio: Ratio::of_studies(&before, &after, evidence.as_ref()),
                evidence,
                ..scenario_metric.unjudged((strategy, strategy))
            });
        }
    }
    family.retain(|unjudged| unjudged.blocks > 0);
    judge(family, criteria)
}

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
    fn unjudged(&self, (baseline, candidate): (&'a str, &'a str)) -> Unjudged<'a> {
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

    fn by_block(&self, study: &Study, strategy: &str) -> ByBlock {
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

/// Returns pairs of a baseline and each other strategy of a study.
pub(super) fn against<'a>(study: &'a Study, baseline: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = keys(study).filter(|key| *key != baseline);
    others.map(|candidate| (baseline, candidate)).collect()
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
