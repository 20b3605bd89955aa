//! The leader of each scenario, and the strategies that are tied with it.

use std::cmp::Ordering;

use serde::Serialize;

use super::comparison::{Comparison, Verdict, judge};
use super::criteria::Criteria;
use super::metric::Metric;
use super::study::{keys, leading_metrics, unjudged};
use crate::study::Study;

/// The leader of a scenario in its leading metric (see [`Metric::leading`]).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioLeader<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The metric.
    pub metric: Metric,
    /// Key of the strategy with the best figures.
    pub leader: &'a str,
    /// The leader (candidate) against each other strategy (baseline), the closest first.
    pub rivals: Vec<Comparison<'a>>,
}

impl<'a> ScenarioLeader<'a> {
    /// Returns the keys of the strategies that the leader was not shown to be better than. Without any,
    /// the leader is the winner.
    pub fn tied(&self) -> impl Iterator<Item = &'a str> {
        let rivals = self.rivals.iter();
        let tied = rivals.filter(|rival| rival.verdict != Verdict::Better);
        tied.map(|rival| rival.baseline)
    }
}

/// Returns the leader of each scenario in which two strategies can be compared.
///
/// All pairs of strategies in all scenarios are judged as one family, since which of them leads
/// is known only from the same figures (J. C. Hsu, "Multiple Comparisons", 1996, on comparisons
/// with the best).
pub fn leaders<'a>(study: &'a Study, criteria: &Criteria) -> Vec<ScenarioLeader<'a>> {
    let keys: Vec<&str> = keys(study).collect();
    let pairs: Vec<_> = (0..keys.len())
        .flat_map(|a| (a + 1..keys.len()).map(move |b| (a, b)))
        .map(|(a, b)| (keys[a], keys[b]))
        .collect();
    let judged = judge(
        unjudged(study, &pairs, &leading_metrics(study, criteria)),
        criteria,
    );
    let scenarios = judged.chunk_by(|a, b| a.scenario == b.scenario);
    scenarios
        .filter_map(|here| leader_of(&keys, here))
        .collect()
}

/// Returns the leader of one scenario: the strategy that is farthest ahead of the others on average.
fn leader_of<'a>(keys: &[&'a str], pairs: &[Comparison<'a>]) -> Option<ScenarioLeader<'a>> {
    let mean_lead = |key: &str| {
        let leads: Vec<f64> = seen_by(key, pairs).filter_map(|c| c.lead()).collect();
        (!leads.is_empty()).then(|| leads.iter().sum::<f64>() / leads.len() as f64)
    };
    let (leader, _) = keys
        .iter()
        .filter_map(|key| Some((*key, mean_lead(key)?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let mut rivals: Vec<_> = seen_by(leader, pairs).collect();
    rivals.sort_by(|a, b| a.lead().partial_cmp(&b.lead()).unwrap_or(Ordering::Equal));
    Some(ScenarioLeader {
        scenario: pairs.first()?.scenario,
        metric: pairs.first()?.metric,
        leader,
        rivals,
    })
}

/// Returns the comparisons of a strategy, with it as the candidate.
fn seen_by<'a>(key: &str, pairs: &[Comparison<'a>]) -> impl Iterator<Item = Comparison<'a>> {
    pairs.iter().filter_map(move |pair| match pair {
        _ if pair.candidate == key => Some(pair.clone()),
        _ if pair.baseline == key => Some(pair.flipped()),
        _ => None,
    })
}
