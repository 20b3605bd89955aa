//! Defences that a strategy of a study cannot use.

use evenkeel_strategies::catalog;

use super::{Contestant, Plan, PlanError};
use crate::config::StudyConfig;

impl Contestant {
    /// Says of each defence of its fleet that it cannot use, why, one sentence each.
    pub(crate) fn unused_defences(&self, config: &StudyConfig) -> Vec<String> {
        let on = self.fleet(config).defences().on();
        on.filter_map(|defence| catalog::why_without(self.strategy, defence))
            .collect()
    }
}

impl Plan {
    /// Checks that each defence has a strategy that can use it.
    pub(super) fn check_defences(&self) -> Result<(), PlanError> {
        let with = self.contestants.iter().flat_map(|it| {
            let on = it.fleet(&self.config).defences().on();
            on.map(move |defence| (defence, it.strategy))
        });
        let with: Vec<_> = with.collect();
        let is_used = |defence| {
            let mut users = with.iter().filter(|(other, _)| *other == defence);
            users.any(|(_, strategy)| strategy.profile().defences.contains(&defence))
        };
        let unused = with.iter().find(|(defence, _)| !is_used(*defence));
        match unused.and_then(|(defence, strategy)| catalog::why_without(*strategy, *defence)) {
            None => Ok(()),
            Some(reason) => Err(PlanError::UnusedDefence(reason)),
        }
    }

    /// Says which strategies run without a defence.
    pub(super) fn warnings_of_defences(&self) -> impl Iterator<Item = String> {
        let contestants = self.contestants.iter();
        contestants.flat_map(|contestant| {
            let unused = contestant.unused_defences(&self.config).into_iter();
            unused.map(|reason| format!("{}: {reason}; it runs without", contestant.key))
        })
    }
}
