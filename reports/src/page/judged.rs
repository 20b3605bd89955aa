//! The comparisons that a page shows.

use std::collections::BTreeSet;

use crate::compare::{self, Comparison, Criteria, Metric, Ranking};
use crate::record::StrategyRecord;
use crate::study::Study;

/// With more strategies the page is not drawn against each of them: its size would grow with the
/// square of their number.
const FEW: usize = 12;

pub(super) struct Judged<'a> {
    pub(super) rankings: Vec<Ranking<'a>>,
    /// Comparisons with each strategy that can be the baseline.
    against: Vec<(&'a str, Vec<Comparison<'a>>)>,
    /// The baseline that was asked for.
    asked: Option<&'a str>,
    /// Whether some strategies cannot be the baseline.
    pub(super) some_left_out: bool,
}

impl<'a> Judged<'a> {
    /// `baseline` is the strategy to show first, if it is in the study; otherwise each scenario shows its leader.
    pub(super) fn of(study: &'a Study, baseline: Option<&str>) -> Judged<'a> {
        let criteria = Criteria::of(&study.header.plan);
        let rankings = compare::rankings(study, &criteria);
        let strategies = &study.header.plan.strategies;
        let mut chosen = baselines(strategies, &rankings);
        let asked = strategies.iter().find(|s| Some(s.key.as_str()) == baseline);
        let asked = asked.map(|strategy| strategy.key.as_str());
        chosen.extend(asked.filter(|asked| !chosen.contains(asked)));
        let some_left_out = chosen.len() < strategies.len();
        let against = chosen.into_iter();
        let against = against.map(|key| (key, compare::with_baseline(study, key, &criteria)));
        Judged {
            against: against.collect(),
            asked,
            rankings,
            some_left_out,
        }
    }

    pub(super) fn standing(&self, scenario: &str) -> Option<&Ranking<'a>> {
        self.rankings.iter().find(|s| s.scenario == scenario)
    }

    /// The baselines with the comparisons of the whole study against each. The first one is the one that
    /// was asked for, otherwise the leader of the scenario.
    pub(super) fn baselines(&self, scenario: &str) -> Vec<(&'a str, &[Comparison<'a>])> {
        let leader = || {
            self.standing(scenario)
                .map(|standing| standing.leader().strategy)
        };
        let first = self.asked.or_else(leader);
        let against = self.against.iter();
        let mut all: Vec<_> = against.map(|(key, all)| (*key, all.as_slice())).collect();
        all.sort_by_key(|(key, _)| Some(*key) != first);
        all
    }

    /// Returns a strategy compared with the leader of a scenario in a metric.
    pub(super) fn with_leader(
        &self,
        scenario: &str,
        strategy: &str,
        metric: Metric,
    ) -> Option<&Comparison<'a>> {
        let leader = self.standing(scenario)?.leader().strategy;
        let (_, all) = self.against.iter().find(|(key, _)| *key == leader)?;
        let is_it =
            |c: &&Comparison| (c.scenario, c.candidate, c.metric) == (scenario, strategy, metric);
        all.iter().find(is_it)
    }
}

/// All strategies if they are few, else the leaders and the first of each family.
fn baselines<'a>(strategies: &'a [StrategyRecord], rankings: &[Ranking]) -> Vec<&'a str> {
    let mut families = BTreeSet::new();
    let mut is_first = |strategy: &'a StrategyRecord| families.insert(strategy.family());
    let leads = |key: &str| {
        rankings
            .iter()
            .any(|standing| standing.leader().strategy == key)
    };
    let is_chosen = |strategy: &&'a StrategyRecord| {
        is_first(strategy) || strategies.len() <= FEW || leads(&strategy.key)
    };
    let chosen = strategies.iter().filter(is_chosen);
    chosen.map(|strategy| strategy.key.as_str()).collect()
}
