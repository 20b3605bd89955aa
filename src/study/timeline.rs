//! What happened to a fleet, for the record.

use std::time::Instant;

use evenkeel_reports::{ChangeRecord, FaultRecord, TimelineEvent};
use evenkeel_strategies::{FleetEvent, FleetEventKind, Role};

use super::changes::Carried;
use super::faults::Brought;
use super::first_answers::FirstAnswer;
use crate::scenario::words;

/// Returns the changes with their times since the window opened.
pub(super) fn of_changes(carried: &[Carried], opened: Instant) -> Vec<ChangeRecord> {
    let record = |one: &Carried| ChangeRecord {
        what: words(&one.planned.change),
        due_s: one.planned.at.as_secs_f64(),
        began_s: seconds(opened, one.began),
        ended_s: seconds(opened, one.ended),
        error: one.error.clone(),
    };
    carried.iter().map(record).collect()
}

/// Returns the faults with their times since the window opened.
pub(super) fn of_faults(brought: &[Brought], opened: Instant) -> Vec<FaultRecord> {
    let record = |one: &Brought| {
        let workers = one.planned.roles.iter().filter_map(|role| match role {
            Role::Worker(number) => u32::try_from(*number).ok(),
            _ => None,
        });
        FaultRecord {
            what: one.planned.words(),
            workers: workers.collect(),
            due_s: one.planned.at.as_secs_f64(),
            began_s: seconds(opened, one.began),
            ended_s: one.ended.map(|ended| seconds(opened, ended)),
            error: one.error.clone(),
            requests: None,
        }
    };
    brought.iter().map(record).collect()
}

/// Returns all that happened to the fleet, in the order of the times since the window opened.
pub(super) fn of_fleet(
    events: &[FleetEvent],
    answers: &[FirstAnswer],
    changes: &[ChangeRecord],
    faults: &[FaultRecord],
    opened: Instant,
) -> Vec<TimelineEvent> {
    let of_processes = events.iter().map(|event| of_process(event, opened));
    let of_changes = changes.iter().flat_map(|change| {
        let edges = [("began", change.began_s), ("ended", change.ended_s)];
        edges.map(|edge| edge_of(&change.what, edge))
    });
    let of_faults = faults.iter().flat_map(|fault| {
        let end = fault.ended_s.map(|at_s| ("fault-ended", at_s));
        let edges = [("fault-began", fault.began_s)].into_iter().chain(end);
        edges.map(|edge| edge_of(&fault.what, edge))
    });
    let answers = answers.iter().map(|answer| of_answer(answer, opened));
    let all = of_processes
        .chain(answers)
        .chain(of_changes)
        .chain(of_faults);
    let mut timeline: Vec<TimelineEvent> = all.collect();
    timeline.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    timeline
}

/// The first answer of a process.
fn of_answer(answer: &FirstAnswer, opened: Instant) -> TimelineEvent {
    TimelineEvent {
        at_s: seconds(opened, answer.at),
        event: "answered".to_owned(),
        intended: None,
        detail: of_other(answer.of.role),
        ..of_process(answer.of, opened)
    }
}

fn of_process(event: &FleetEvent, opened: Instant) -> TimelineEvent {
    let worker = match event.role {
        Role::Worker(number) => u32::try_from(number).ok(),
        _ => None,
    };
    let detail: Vec<String> = of_other(event.role)
        .into_iter()
        .chain(event.what.detail())
        .collect();
    TimelineEvent {
        at_s: seconds(opened, event.at),
        event: event.what.name().to_owned(),
        worker,
        generation: (worker.is_some() || event.role.is_dispatcher()).then_some(event.generation),
        pid: event.pid,
        intended: match event.what {
            FleetEventKind::Exit { intended, .. } => Some(intended),
            _ => None,
        },
        detail: (!detail.is_empty()).then(|| detail.join(": ")),
    }
}

/// Names a process that is no worker.
fn of_other(role: Role) -> Option<String> {
    (!matches!(role, Role::Worker(_))).then(|| role.to_string())
}

/// The beginning or the end of a change or a fault.
fn edge_of(what: &str, (event, at_s): (&str, f64)) -> TimelineEvent {
    TimelineEvent {
        at_s,
        event: event.to_owned(),
        worker: None,
        generation: None,
        pid: None,
        intended: None,
        detail: Some(what.to_owned()),
    }
}

/// Seconds since the window opened; negative before it.
fn seconds(opened: Instant, at: Instant) -> f64 {
    match at.checked_duration_since(opened) {
        Some(after) => after.as_secs_f64(),
        None => -(opened - at).as_secs_f64(),
    }
}
