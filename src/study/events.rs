//! What is to happen to the fleet of a trial while load is offered, and what has happened.

use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::thread;

use evenkeel_loadgen::Outcome;
use evenkeel_reports::{Measured, Trial};
use evenkeel_strategies::{Deployment, UnmetRequirement};

use super::changes::{self, Carried};
use super::faults::{self, Brought, Offered};
use super::watch::Watch;
use super::{first_answers, timeline};
use crate::plan::Plan;
use crate::scenario::{PlannedChange, PlannedFault, Scenario};

/// What is to happen.
#[derive(Debug)]
pub(super) struct Events {
    changes: Vec<PlannedChange>,
    faults: Vec<PlannedFault>,
}

/// What has happened.
#[derive(Debug)]
pub(super) struct Happened<'e> {
    events: &'e Events,
    changes: Vec<Carried<'e>>,
    faults: Vec<Brought<'e>>,
}

impl Events {
    pub(super) fn of(plan: &Plan, scenario: &Scenario) -> Self {
        let duration = plan.duration(scenario);
        Self {
            changes: scenario.changes(duration),
            faults: scenario.faults(duration, plan.hit(scenario)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.has_faults()
    }

    pub(super) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether all of it can happen to this fleet.
    pub(super) fn check(&self, fleet: &Deployment) -> Result<(), UnmetRequirement> {
        let mut changes = self.changes.iter();
        changes.try_for_each(|planned| fleet.can_change(&planned.change))?;
        let mut faults = self.faults.iter();
        faults.try_for_each(|planned| {
            let mut roles = planned.roles.iter();
            roles.try_for_each(|role| fleet.can_inject(&planned.fault, *role))
        })
    }

    /// Lets it happen from other threads while load is offered.
    pub(super) fn during<T>(
        &self,
        fleet: &Deployment,
        watch: &mut Watch<'_>,
        offer: impl FnOnce(&mut Watch<'_>) -> T,
    ) -> (T, Happened<'_>) {
        if self.is_empty() {
            return (offer(watch), Happened::nothing(self));
        }
        let mut window = || {
            let (opening, window) = channel();
            watch.announce(opening);
            window
        };
        let (of_changes, of_faults) = (window(), window());
        thread::scope(|scope| {
            let change = |change: &_| fleet.change(change);
            let changes =
                scope.spawn(move || changes::carry_out(&self.changes, &of_changes, change));
            let inject = |fault: &_, role| fleet.inject(fault, role);
            let faults = scope.spawn(move || faults::bring_about(&self.faults, &of_faults, inject));
            let outcome = offer(watch);
            watch.close();
            let happened = Happened {
                events: self,
                changes: changes.join().unwrap_or_else(|panic| resume_unwind(panic)),
                faults: faults.join().unwrap_or_else(|panic| resume_unwind(panic)),
            };
            (outcome, happened)
        })
    }
}

impl<'e> Happened<'e> {
    fn nothing(events: &'e Events) -> Self {
        Self {
            events,
            changes: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Notes in the trial what has happened to the fleet, with times since the window opened.
    pub(super) fn note(
        &self,
        trial: &mut Trial,
        fleet: &Deployment,
        outcome: &Outcome,
        offered: Option<&Offered>,
    ) {
        let Some(opened) = outcome.opened_at else {
            return;
        };
        trial.changes = timeline::of_changes(&self.changes, opened);
        trial.faults = timeline::of_faults(&self.faults, opened);
        if let Some(offered) = offered {
            faults::add_requests(&mut trial.faults, offered);
        }
        let events = fleet.events();
        let answers = first_answers::of(outcome, &events);
        trial.timeline =
            timeline::of_fleet(&events, &answers, &trial.changes, &trial.faults, opened);
    }

    /// Whether a fault has ended a process.
    pub(super) fn has_crash(&self) -> bool {
        let mut faults = self.faults.iter();
        faults.any(|brought| !brought.planned.fault.lasts())
    }

    /// Adds notes, and reasons why the figures may not be compared.
    pub(super) fn judge(&self, measured: &mut Measured) {
        let left_out = changes::left_out(&self.events.changes, &self.changes);
        measured.notes.extend(left_out);
        let failed = changes::objections(&self.changes);
        let failed = failed.into_iter().chain(faults::objections(&self.faults));
        measured.invalid_because.extend(failed);
    }
}
