//! The strategies of each scenario from best to worst, in groups that cannot be told apart.

use serde::Serialize;

use super::all_pairs::judge_all_pairs;
use super::comparison::{Comparison, Verdict};
use super::criteria::Criteria;
use super::metric::Metric;
use super::study::{ScenarioMetric, keys, leading_metrics, unjudged};
use crate::stats::Spread;
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
        (!order.is_empty()).then(|| Ranking {
            scenario: scenario_metric.name(),
            metric: scenario_metric.metric(),
            groups: grouped(
                order,
                &judged(study, scenario_metric, criteria, |_, _| true),
            ),
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

/// Returns the strategies that have a figure, the best first.
pub(super) fn by_figure<'a>(
    study: &Study,
    keys: &[&'a str],
    scenario_metric: &ScenarioMetric,
) -> Vec<(&'a str, Spread)> {
    let figure = |key: &&'a str| Some((*key, scenario_metric.figure(study, key)?));
    let mut order: Vec<_> = keys.iter().filter_map(figure).collect();
    let sign = scenario_metric.metric().better().sign();
    order.sort_by(|(_, a), (_, b)| (sign * b.mean).total_cmp(&(sign * a.mean)));
    order
}

/// Takes the best strategy and those that it was not shown to be better than, and so on with the rest.
fn grouped<'a>(order: Vec<(&'a str, Spread)>, judged: &[Comparison<'a>]) -> Vec<Vec<Ranked<'a>>> {
    let leader = order[0].0;
    let mut left = order;
    let mut groups = Vec::new();
    while let Some(&(head, _)) = left.first() {
        let is_worse = |(strategy, _): &(&str, Spread)| {
            between(head, strategy, judged).is_some_and(|c| c.verdict == Verdict::Worse)
        };
        let (worse, group) = left.into_iter().partition(is_worse);
        left = worse;
        let ranked = |(strategy, figure): (&'a str, Spread)| Ranked {
            strategy,
            figure,
            to_leader: between(leader, strategy, judged),
        };
        groups.push(Vec::into_iter(group).map(ranked).collect());
    }
    groups
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
