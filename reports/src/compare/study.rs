//! The comparisons of a study, and of two.

use super::comparison::Comparison;
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::family::{keys, leading_metrics, scenario_metrics, unjudged};
use super::judge::{Unjudged, judge};
use super::metric::Metric;
use super::ranking::leading_pairs;
use super::ratio::Ratio;
use crate::stats::Sample;
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

/// Returns pairs of a baseline and each other strategy of a study.
pub(super) fn against<'a>(study: &'a Study, baseline: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = keys(study).filter(|key| *key != baseline);
    others.map(|candidate| (baseline, candidate)).collect()
}
