//! Whether changes of a fleet, or faults, lose more requests under one strategy than under another.

use std::collections::BTreeMap;

use serde::Serialize;

use super::comparison::Verdict;
use super::criteria::Criteria;
use crate::record::{ScenarioRecord, Trial};
use crate::stats::rank::signed_rank;
use crate::stats::{holm, lost_per_fault};
use crate::study::Study;

/// Requests lost per change under two strategies, block by block; in a scenario without changes, per fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LossComparison<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Key of the strategy that loses least.
    pub baseline: &'a str,
    /// Key of the strategy that is compared with it.
    pub candidate: &'a str,
    /// Number of blocks in which both were measured.
    pub blocks: usize,
    /// How many more requests per change, or per fault, the candidate loses, mean over these blocks.
    pub more_per_change: f64,
    /// Probability of such differences if order alone had made them, corrected for the number of pairs.
    pub p: f64,
    /// Whether the candidate is shown to lose more.
    pub verdict: Verdict,
}

/// Requests lost per change or per fault, by block.
type ByBlock = BTreeMap<u32, f64>;

/// Compares every strategy with the one that loses least, scenario by scenario.
///
/// Each pair of strategies of a scenario is judged by the exact signed-rank test of the differences, which
/// assumes only that the order of trials was random, and all pairs together are corrected by Holm's method:
/// the figures themselves choose the baseline.
pub fn losses<'a>(study: &'a Study, criteria: &Criteria) -> Vec<LossComparison<'a>> {
    let scenarios = study.header.plan.scenarios.iter();
    scenarios
        .flat_map(|scenario| of_scenario(study, scenario, criteria))
        .collect()
}

fn of_scenario<'a>(
    study: &'a Study,
    scenario: &'a ScenarioRecord,
    criteria: &Criteria,
) -> Vec<LossComparison<'a>> {
    let keys = study
        .header
        .plan
        .strategies
        .iter()
        .map(|one| one.key.as_str());
    let all = keys.map(|key| (key, by_block(study, &scenario.name, key)));
    let all: Vec<(&str, ByBlock)> = all.filter(|(_, blocks)| !blocks.is_empty()).collect();
    let mean = |blocks: &ByBlock| blocks.values().sum::<f64>() / blocks.len() as f64;
    let least = all
        .iter()
        .min_by(|(_, a), (_, b)| mean(a).total_cmp(&mean(b)));
    let Some((baseline, _)) = least else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (number, first) in all.iter().enumerate() {
        for second in &all[number + 1..] {
            let (from, to) = if second.0 == *baseline {
                (second, first)
            } else {
                (first, second)
            };
            pairs.push((from.0, to.0, differences(&from.1, &to.1)));
        }
    }
    let p_values: Vec<f64> = pairs.iter().map(|(.., more)| p_of(more)).collect();
    let pairs = pairs.into_iter().zip(holm(&p_values));
    let with_least = pairs.filter(|((from, ..), _)| from == baseline);
    with_least
        .filter(|((.., more), _)| !more.is_empty())
        .map(|((baseline, candidate, more), p)| {
            let more_per_change = more.iter().sum::<f64>() / more.len() as f64;
            let is_shown = p <= criteria.alpha() && more_per_change > 0.0;
            LossComparison {
                scenario: &scenario.name,
                baseline,
                candidate,
                blocks: more.len(),
                more_per_change,
                p,
                verdict: if is_shown {
                    Verdict::Worse
                } else {
                    Verdict::NoDifferenceShown
                },
            }
        })
        .collect()
}

/// Of measured trials with changes or faults, valid or not.
fn by_block(study: &Study, scenario: &str, strategy: &str) -> ByBlock {
    let is_it = |trial: &&Trial| trial.scenario == scenario && trial.strategy == strategy;
    let trials = study.trials.iter().filter(is_it);
    let lost = trials.filter_map(|trial| Some((trial.block, lost_per_event(trial)?)));
    lost.collect()
}

/// Per change; without changes, per fault.
fn lost_per_event(trial: &Trial) -> Option<f64> {
    let per_change = trial.measured()?.lost_per_change(trial);
    per_change.or_else(|| lost_per_fault(trial))
}

/// By how much the second loses more, in the blocks that both have.
fn differences(first: &ByBlock, second: &ByBlock) -> Vec<f64> {
    let pairs = first.iter();
    let pairs = pairs.filter_map(|(block, lost)| Some(second.get(block)? - lost));
    pairs.collect()
}

/// Two-sided.
fn p_of(differences: &[f64]) -> f64 {
    let negated: Vec<f64> = differences.iter().map(|one| -one).collect();
    let p = signed_rank(differences).min(signed_rank(&negated));
    (2.0 * p).min(1.0)
}
