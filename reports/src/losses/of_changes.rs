//! Lost requests of trials whose fleets changed: which changes lost some, and who had them.

use std::collections::BTreeMap;

use super::{Had, WorkerEvent, WorkerEventKind, who_had};
use crate::record::{Account, Measured, TimelineEvent, Trial, chosen_from};

/// Returns the number of changes after which, before the next one began, a request was lost; `None` if the
/// trial does not have the time of every loss.
pub(crate) fn lossy(trial: &Trial, measured: &Measured) -> Option<usize> {
    let account = account(measured).filter(|account| account.losses_left_out == 0)?;
    let began = trial.changes.iter().map(|change| change.began_s);
    let next = began.clone().skip(1).chain([f64::INFINITY]);
    let has_lost = |(began_s, next_s): &(f64, f64)| {
        let mut losses = account.losses.iter();
        losses.any(|loss| *began_s <= loss.at_s && loss.at_s < *next_s)
    };
    Some(began.zip(next).filter(has_lost).count())
}

/// Returns the number of lost requests by who had them; those without a time are left out.
pub(crate) fn had(trials: &[(&Trial, &Measured)]) -> BTreeMap<&'static str, u64> {
    let mut had = BTreeMap::new();
    for (trial, measured) in trials {
        let chosen_from = chosen_from(&trial.timeline);
        let events = trial.timeline.iter();
        let events: Vec<WorkerEvent> = events.filter_map(|it| of_worker(it, chosen_from)).collect();
        let losses = account(measured)
            .into_iter()
            .flat_map(|account| &account.losses);
        for loss in losses {
            *had.entry(who_had(loss, &events).name()).or_default() += 1;
        }
    }
    had
}

fn account(measured: &Measured) -> Option<&Account> {
    measured.account.as_ref()
}

/// Returns what an event says of whether a worker could answer; `None` if nothing.
fn of_worker(event: &TimelineEvent, chosen_from: &str) -> Option<WorkerEvent> {
    let what = match (event.event.as_str(), event.intended) {
        ("fork", _) => WorkerEventKind::Began,
        (name, _) if name == chosen_from => WorkerEventKind::Ready,
        ("draining", _) => WorkerEventKind::Draining,
        ("exit", Some(true)) => WorkerEventKind::Ended,
        ("exit", _) => WorkerEventKind::Died,
        _ => return None,
    };
    Some(WorkerEvent {
        at_s: event.at_s,
        worker: event.worker?,
        generation: event.generation?,
        what,
    })
}

impl Had {
    /// Returns who that is, as a heading.
    fn name(self) -> &'static str {
        match self {
            Had::Nobody => "nobody listened",
            Had::Draining(_) => "a worker that drained",
            Had::BeforeReady(_) => "a worker that started",
            Had::Died(_) => "a worker that died",
            Had::OnItsWay => "on its way",
            Had::Unknown => "unknown",
        }
    }
}
