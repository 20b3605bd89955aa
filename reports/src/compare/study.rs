//! The comparisons of a study, and of two.

use super::comparison::{Comparison, Open, judge};
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::logs::{Logs, by_block, paired};
use super::metric::Metric;
use crate::record::{ScenarioRecord, Trial};
use crate::stats::Sample;
use crate::study::Study;

/// All strategies of a study against one of them, in every metric of every scenario, as one
/// family.
pub fn with_baseline<'a>(
    study: &'a Study,
    baseline: &'a str,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    pairs(study, &against(study, baseline), criteria)
}

/// All strategies of a study against one of them, in the leading metric of each scenario, as one
/// family: what decides whether a study has blocks enough.
pub fn leading<'a>(
    study: &'a Study,
    baseline: &'a str,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    leading_of(study, &against(study, baseline), criteria)
}

/// These (baseline, candidate) pairs in the leading metric of each scenario, as one family.
pub(super) fn leading_of<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let questions = leading_questions(study, criteria);
    judge(open(study, pairs, &questions), criteria)
}

/// These (baseline, candidate) pairs of a study in every metric of every scenario, as one family:
/// scenario by scenario, metric by metric. Without those that have no block in common.
pub fn pairs<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let questions = questions(study, criteria, &Metric::ALL);
    judge(open(study, pairs, &questions), criteria)
}

/// Two studies: each strategy that both have against itself, in every metric of every scenario
/// that both have, as one family.
///
/// They did not run interleaved, so what changed between them (machine, day, neighbours) is part
/// of the ratio. A study that holds both is to be preferred.
pub fn studies<'a>(
    baseline: &'a Study,
    candidate: &'a Study,
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let mut family = Vec::new();
    for question in questions(baseline, criteria, &Metric::ALL) {
        for strategy in keys(baseline) {
            let before = question.logs(baseline, strategy);
            let after = question.logs(candidate, strategy);
            let evidence = sample(&before).zip(sample(&after));
            family.push(Open {
                scenario: &question.scenario.name,
                metric: question.metric,
                baseline: strategy,
                candidate: strategy,
                blocks: before.len().min(after.len()),
                log_margin: question.log_margin,
                evidence: evidence.map(|(before, after)| Evidence::apart(before, after)),
            });
        }
    }
    family.retain(|open| open.blocks > 0);
    judge(family, criteria)
}

/// One metric of one scenario.
pub(super) struct Question<'a> {
    scenario: &'a ScenarioRecord,
    metric: Metric,
    log_margin: f64,
}

impl<'a> Question<'a> {
    /// `None` if the criteria leave it out.
    fn of(scenario: &'a ScenarioRecord, metric: Metric, criteria: &Criteria) -> Option<Self> {
        let margin = criteria.margin_of(&scenario.name, metric)?;
        Some(Question {
            scenario,
            metric,
            log_margin: margin.ln_1p(),
        })
    }

    fn logs(&self, study: &Study, strategy: &str) -> Logs {
        by_block(study, &self.scenario.name, strategy, self.metric)
    }
}

/// These metrics of every scenario, as far as they say something there.
pub(super) fn questions<'a>(
    study: &'a Study,
    criteria: &Criteria,
    metrics: &[Metric],
) -> Vec<Question<'a>> {
    let asked = study.header.plan.scenarios.iter().flat_map(|scenario| {
        let metrics = metrics.iter().copied();
        metrics
            .filter(|metric| metric.applies_to(scenario.loop_kind))
            .filter_map(|metric| Question::of(scenario, metric, criteria))
    });
    asked.collect()
}

/// One question per scenario.
pub(super) fn leading_questions<'a>(study: &'a Study, criteria: &Criteria) -> Vec<Question<'a>> {
    let asked = study.header.plan.scenarios.iter().filter_map(|scenario| {
        let metric = leading_metric(study, scenario)?;
        Question::of(scenario, metric, criteria)
    });
    asked.collect()
}

/// What decides in a scenario of a study: the first of [`Metric::leading`] that most of its valid
/// trials have.
pub fn leading_metric(study: &Study, scenario: &ScenarioRecord) -> Option<Metric> {
    let mut choices = Metric::leading(scenario.loop_kind).iter().copied();
    choices.find(|metric| is_mostly_known(study, scenario, *metric))
}

/// Whether at least half of the valid trials of a scenario have the figure.
fn is_mostly_known(study: &Study, scenario: &ScenarioRecord, metric: Metric) -> bool {
    let trials = study.trials.iter().filter(|t| t.scenario == scenario.name);
    let valid = trials.filter_map(Trial::valid);
    let (known, unknown): (Vec<_>, Vec<_>) = valid.partition(|m| metric.of(m).is_some());
    !known.is_empty() && known.len() >= unknown.len()
}

/// Every other strategy of a study beside this one.
pub(super) fn against<'a>(study: &'a Study, baseline: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = keys(study).filter(|key| *key != baseline);
    others.map(|candidate| (baseline, candidate)).collect()
}

/// Keys of the strategies of a study, in the order of its plan.
pub(super) fn keys(study: &Study) -> impl Iterator<Item = &str> {
    study.header.plan.strategies.iter().map(|s| s.key.as_str())
}

/// The comparisons of some pairs, not yet judged.
pub(super) fn open<'a>(
    study: &'a Study,
    pairs: &[(&'a str, &'a str)],
    questions: &[Question<'a>],
) -> Vec<Open<'a>> {
    let mut family = Vec::new();
    for question in questions {
        for &(baseline, candidate) in pairs {
            let ratios = paired(
                &question.logs(study, baseline),
                &question.logs(study, candidate),
            );
            family.push(Open {
                scenario: &question.scenario.name,
                metric: question.metric,
                baseline,
                candidate,
                blocks: ratios.len(),
                log_margin: question.log_margin,
                evidence: Sample::new(ratios).map(Evidence::paired),
            });
        }
    }
    family.retain(|open| open.blocks > 0);
    family
}

fn sample(logs: &Logs) -> Option<Sample> {
    Sample::new(logs.values().copied().collect())
}
