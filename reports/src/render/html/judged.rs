//! The comparisons that a page shows, made once.

use crate::compare::{self, Comparison, Criteria, Metric, Standing};
use crate::study::Study;

/// The comparisons of a study.
pub(super) struct Judged<'a> {
    pub(super) standings: Vec<Standing<'a>>,
    /// Of each strategy as the baseline, in the order of the plan.
    against: Vec<(&'a str, Vec<Comparison<'a>>)>,
}

impl<'a> Judged<'a> {
    pub(super) fn of(study: &'a Study) -> Judged<'a> {
        let criteria = Criteria::of(&study.header.plan);
        let strategies = study.header.plan.strategies.iter();
        let against = strategies.map(|strategy| {
            let key = strategy.key.as_str();
            (key, compare::with_baseline(study, key, &criteria))
        });
        Judged {
            against: against.collect(),
            standings: compare::standings(study, &criteria),
        }
    }

    pub(super) fn standing(&self, scenario: &str) -> Option<&Standing<'a>> {
        self.standings.iter().find(|s| s.scenario == scenario)
    }

    /// The baselines with the comparisons of the whole study against each.
    pub(super) fn baselines(&self) -> impl Iterator<Item = (&'a str, &[Comparison<'a>])> {
        self.against.iter().map(|(key, all)| (*key, all.as_slice()))
    }

    /// A strategy beside the leader of a scenario in a metric.
    pub(super) fn beside_leader(
        &self,
        scenario: &str,
        strategy: &str,
        metric: Metric,
    ) -> Option<&Comparison<'a>> {
        let leader = self.standing(scenario)?.leader;
        let (_, all) = self.against.iter().find(|(key, _)| *key == leader)?;
        let is_it =
            |c: &&Comparison| (c.scenario, c.candidate, c.metric) == (scenario, strategy, metric);
        all.iter().find(is_it)
    }
}
