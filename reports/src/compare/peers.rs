//! Our strategies beside the systems that they stand for.

use serde::Serialize;

use super::comparison::{Comparison, judge};
use super::criteria::Criteria;
use super::logs::{by_block, paired};
use super::metric::Metric;
use super::study::{keys, open, questions};
use super::twins::stem;
use crate::study::Study;

/// In what a strategy is held against a system: what it serves, what the slower users wait, and
/// what it costs.
pub const PEER_METRICS: [Metric; 3] = [Metric::Throughput, Metric::P99, Metric::CpuPerRequest];

/// One of our strategies beside a system that it stands for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeerComparison<'a> {
    /// Ours as the candidate, the system as the baseline.
    #[serde(flatten)]
    pub comparison: Comparison<'a>,
    /// Ours over theirs: the geometric mean over blocks, also of a single one, which has no interval.
    pub estimate: Option<f64>,
}

/// Each of our strategies (candidate) against each system that it stands for (baseline), in
/// [`PEER_METRICS`], as one family: scenario by scenario, metric by metric. Without those that
/// have no block in common.
pub fn peer_comparisons<'a>(study: &'a Study, criteria: &Criteria) -> Vec<PeerComparison<'a>> {
    let questions = questions(study, criteria, &PEER_METRICS);
    let judged = judge(open(study, &counterparts(study), &questions), criteria);
    let beside = judged.into_iter().map(|comparison| PeerComparison {
        estimate: estimate(study, &comparison),
        comparison,
    });
    beside.collect()
}

fn estimate(study: &Study, comparison: &Comparison) -> Option<f64> {
    let logs = |key| by_block(study, comparison.scenario, key, comparison.metric);
    let ratios = paired(&logs(comparison.baseline), &logs(comparison.candidate));
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    (!ratios.is_empty()).then(|| mean.exp())
}

/// Pairs of keys, a system and one of ours that stands for it, in the order of ours in the plan.
///
/// Of twins, and of strategies that several builds serve, the same twin or build of both.
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

/// What stands behind the [`stem`] of a key.
fn mark(key: &str) -> &str {
    &key[stem(key).len()..]
}
