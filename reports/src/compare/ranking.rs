//! The strategies of each scenario from best to worst, in groups that cannot be told apart.

use serde::Serialize;

use super::all_pairs::judge_all_pairs;
use super::comparison::{Comparison, Verdict};
use super::criteria::Criteria;
use super::family::{ScenarioMetric, keys, leading_metrics, unjudged};
use super::metric::Metric;
use crate::stats::{MIN_BLOCKS, Spread};
use crate::study::Study;

/// The strategies of a scenario from best to worst, in its leading metric (see [`Metric::leading`]).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The metric.
    pub metric: Metric,
    /// Groups, the best first; none is empty. Within a group strategies are in the order of their
    /// figures. The first one has the best figure, and was not shown to be better than any other of
    /// its group. The first one of the first group is the leader.
    pub groups: Vec<Vec<Ranked<'a>>>,
    /// Valid blocks that a strategy needs for a rank in the groups.
    pub enough: usize,
    /// Strategies that have fewer, in the order of their figures.
    pub too_few: Vec<Ranked<'a>>,
}

/// A strategy in a [`Ranking`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked<'a> {
    /// Its key.
    pub strategy: &'a str,
    /// Its figure over its valid blocks.
    pub figure: Spread,
    /// The strategy (candidate) against the leader (baseline). The ratio is worse than 1, the verdict
    /// says whether it was shown to be worse, and `blocks_needed` how many blocks that takes. Absent
    /// for the leader itself, and without a common block.
    pub to_leader: Option<Comparison<'a>>,
}

impl<'a> Ranking<'a> {
    /// Returns the leader: the strategy with the best figure.
    pub fn leader(&self) -> &Ranked<'a> {
        &self.groups[0][0]
    }

    /// Returns the strategies that the leader was not shown to be better than. Without any, the leader
    /// is the winner.
    pub fn tied(&self) -> &[Ranked<'a>] {
        &self.groups[0][1..]
    }

    /// Returns all strategies but the leader, in order.
    pub fn rivals(&self) -> impl Iterator<Item = &Ranked<'a>> {
        self.groups.iter().flatten().skip(1)
    }
}

/// Returns the ranking of each scenario in which a strategy has a figure, in the order of the plan. Each
/// scenario is a question of its own: its verdicts do not depend on what other scenarios a study has.
pub fn rankings<'a>(study: &'a Study, criteria: &Criteria) -> Vec<Ranking<'a>> {
    let keys: Vec<&str> = keys(study).collect();
    let scenario_metrics = leading_metrics(study, criteria);
    let ranked = scenario_metrics.iter().filter_map(|scenario_metric| {
        let order = by_figure(study, &keys, scenario_metric);
        let enough = enough(most_blocks(&order));
        let (order, few): (Figures, Figures) = order
            .into_iter()
            .partition(|(_, figure)| figure.blocks >= enough);
        let leader = order.first()?.0;
        let judged = judged(study, scenario_metric, criteria, |_, _| true);
        let too_few = few.into_iter().map(|it| ranked(it, leader, &judged));
        Some(Ranking {
            scenario: scenario_metric.name(),
            metric: scenario_metric.metric(),
            enough,
            too_few: too_few.collect(),
            groups: grouped(order, leader, &judged),
        })
    });
    ranked.collect()
}

/// Compares pairs of strategies in the leading metric of each scenario as rankings do, each one way round.
pub(super) fn leading_pairs<'a>(
    study: &'a Study,
    asked: &[(&str, &str)],
    criteria: &Criteria,
) -> Vec<Comparison<'a>> {
    let is_asked = |a: &str, b: &str| asked.contains(&(a, b)) || asked.contains(&(b, a));
    let scenario_metrics = leading_metrics(study, criteria);
    let judged = scenario_metrics
        .iter()
        .map(|scenario_metric| judged(study, scenario_metric, criteria, is_asked));
    judged.flatten().collect()
}

fn judged<'a>(
    study: &'a Study,
    scenario_metric: &ScenarioMetric<'a>,
    criteria: &Criteria,
    is_asked: impl Fn(&str, &str) -> bool,
) -> Vec<Comparison<'a>> {
    let keys: Vec<&str> = keys(study).collect();
    let later = |at: usize| keys[at + 1..].iter().map(move |b| (at, *b));
    let pairs = (0..keys.len()).flat_map(later);
    let pairs: Vec<_> = pairs.map(|(at, b)| (keys[at], b)).collect();
    let unjudged = unjudged(study, &pairs, std::slice::from_ref(scenario_metric));
    judge_all_pairs(unjudged, criteria, is_asked)
}

/// Strategies with their figures.
pub(super) type Figures<'a> = Vec<(&'a str, Spread)>;

/// Returns the strategies that have a figure, the best first.
pub(super) fn by_figure<'a>(
    study: &Study,
    keys: &[&'a str],
    scenario_metric: &ScenarioMetric,
) -> Figures<'a> {
    let figure = |key: &&'a str| Some((*key, scenario_metric.figure(study, key)?));
    let mut order: Figures = keys.iter().filter_map(figure).collect();
    let sign = scenario_metric.metric().better().sign();
    order.sort_by(|(_, a), (_, b)| (sign * b.mean).total_cmp(&(sign * a.mean)));
    order
}

/// The most blocks that a figure rests on.
pub(super) fn most_blocks(figures: &Figures) -> usize {
    let blocks = figures.iter().map(|(_, figure)| figure.blocks);
    blocks.max().unwrap_or(0)
}

/// Valid blocks that a strategy needs for a rank, where the one with the most has so many: what a verdict takes
/// or, with fewer, more than half. A leader with less would have its rank by luck, and no rival could be
/// shown to be worse.
fn enough(most: usize) -> usize {
    match most {
        MIN_BLOCKS.. => MIN_BLOCKS,
        _ => most / 2 + 1,
    }
}

/// Takes the best strategy and those that it was not shown to be better than, and so on with the rest.
fn grouped<'a>(
    order: Figures<'a>,
    leader: &str,
    judged: &[Comparison<'a>],
) -> Vec<Vec<Ranked<'a>>> {
    let mut left = order;
    let mut groups = Vec::new();
    while let Some(&(head, _)) = left.first() {
        let is_worse = |(strategy, _): &(&str, Spread)| {
            between(head, strategy, judged).is_some_and(|c| c.verdict == Verdict::Worse)
        };
        let (worse, group) = left.into_iter().partition(is_worse);
        left = worse;
        let group = Vec::into_iter(group).map(|it| ranked(it, leader, judged));
        groups.push(group.collect());
    }
    groups
}

fn ranked<'a>(
    (strategy, figure): (&'a str, Spread),
    leader: &str,
    judged: &[Comparison<'a>],
) -> Ranked<'a> {
    Ranked {
        strategy,
        figure,
        to_leader: between(leader, strategy, judged),
    }
}

/// Returns the comparison of a candidate with a baseline, whichever way round they were compared.
fn between<'a>(
    baseline: &str,
    candidate: &str,
    judged: &[Comparison<'a>],
) -> Option<Comparison<'a>> {
    let mut judged = judged.iter();
    judged.find_map(|pair| pair.seen_as(baseline, candidate))
}
