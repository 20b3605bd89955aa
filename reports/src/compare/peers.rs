//! Our strategies compared with the peers that they stand for.

use super::comparison::Comparison;
use super::copies::stem;
use super::criteria::Criteria;
use super::family::{keys, scenario_metrics, unjudged};
use super::judge::judge;
use super::metric::Metric;
use crate::study::Study;

/// The metrics in which a strategy is compared with a peer: throughput, the wait of the slower users,
/// and cost.
pub const PEER_METRICS: [Metric; 3] = [Metric::Throughput, Metric::P99, Metric::CpuPerRequest];

/// Compares each of our strategies (candidate) with each peer that it stands for (baseline), in
/// [`PEER_METRICS`], as one family: scenario by scenario, metric by metric. Pairs without a common
/// block are left out.
pub fn peer_comparisons<'a>(study: &'a Study, criteria: &Criteria) -> Vec<Comparison<'a>> {
    let scenario_metrics = scenario_metrics(study, criteria, &PEER_METRICS);
    judge(
        unjudged(study, &counterparts(study), &scenario_metrics),
        criteria,
    )
}

/// Returns pairs of keys, a peer and its counterpart, in the order of our strategies in the plan.
///
/// Of copies, and of strategies that several builds serve, the same copy or build of both.
pub fn counterparts(study: &Study) -> Vec<(&str, &str)> {
    let systems = &study.header.plan.strategies;
    let pairs = keys(study).flat_map(|ours| {
        let stands_for_it = move |counterpart: &String| counterpart == stem(ours);
        let theirs = systems.iter().filter(move |system| {
            system.counterparts.iter().any(stands_for_it) && mark(&system.key) == mark(ours)
        });
        theirs.map(move |system| (system.key.as_str(), ours))
    });
    pairs.collect()
}

/// Returns the part of a key after its [`stem`].
fn mark(key: &str) -> &str {
    &key[stem(key).len()..]
}
