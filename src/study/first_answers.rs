//! First answers of workers that came while load was offered.

use std::time::Instant;

use evenkeel_loadgen::Outcome;
use evenkeel_strategies::{FleetEvent, Role};

/// When clients first had an answer of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstAnswer<'a> {
    pub(super) at: Instant,
    /// An event of that process.
    pub(super) of: &'a FleetEvent,
}

/// Returns the first answer of each process that replaced another one or came later, as far as answers tell.
/// Ours give their generation; those of a peer give their PIDs; a program of the user gives nothing.
pub(super) fn of<'a>(outcome: &Outcome, events: &'a [FleetEvent]) -> Vec<FirstAnswer<'a>> {
    let ours = outcome.first_answers.iter().map(|answer| {
        let of = process(events, |event| {
            let is_its = match event.role {
                Role::Worker(number) => number == answer.worker as usize,
                // All workers are its threads.
                Role::Server => true,
                Role::Dispatcher(_) | Role::Supervisor => false,
            };
            is_its && event.generation == answer.generation
        });
        (answer.at, of)
    });
    let peers = outcome.later_workers.iter().map(|later| {
        let is_its = |event: &FleetEvent| event.pid == Some(later.name.cast_signed());
        (later.answered_at, process(events, is_its))
    });
    let answers = ours.chain(peers);
    let mut answers: Vec<FirstAnswer> = answers
        .filter_map(|(at, of)| Some(FirstAnswer { at, of: of? }))
        .collect();
    // Each thread of a process has a first answer.
    answers.sort_by_key(|answer| (answer.of.pid, answer.at));
    answers.dedup_by_key(|answer| answer.of.pid);
    answers
}

/// Returns an event with the PID of the process that it is about.
fn process(events: &[FleetEvent], is_its: impl Fn(&FleetEvent) -> bool) -> Option<&FleetEvent> {
    let mut events = events.iter().filter(|event| event.pid.is_some());
    events.find(|event| is_its(event))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use evenkeel_loadgen::{self as loadgen, LaterWorker};
    use evenkeel_strategies::FleetEventKind;

    use super::*;
    use crate::study::example_outcome;

    fn online(role: Role, generation: u32, pid: i32) -> FleetEvent {
        FleetEvent {
            at: Instant::now(),
            role,
            generation,
            pid: Some(pid),
            what: FleetEventKind::Online,
        }
    }

    fn ours(worker: u32, generation: u32, at: Instant) -> loadgen::FirstAnswer {
        loadgen::FirstAnswer {
            worker,
            generation,
            at,
        }
    }

    #[test]
    fn a_life_is_known_by_its_generation_or_its_process() {
        let events = [
            online(Role::Worker(0), 0, 70),
            online(Role::Worker(1), 1, 71),
            online(Role::Worker(0), 1, 72),
        ];
        let now = Instant::now();
        let mut outcome = example_outcome();
        outcome.first_answers = vec![ours(0, 1, now), ours(5, 1, now)];
        let later = |name| LaterWorker {
            name,
            answered_at: now,
        };
        outcome.later_workers = [71, 99].map(later).into();
        let pids = of(&outcome, &events).into_iter().map(|it| it.of.pid);
        assert!(pids.eq([Some(71), Some(72)]));
    }

    #[test]
    fn the_first_answer_of_a_thread_is_that_of_its_process() {
        let events = [online(Role::Server, 0, 70), online(Role::Server, 1, 71)];
        let now = Instant::now();
        let mut outcome = example_outcome();
        outcome.first_answers = vec![ours(1, 1, now + Duration::from_secs(1)), ours(0, 1, now)];
        let answers = of(&outcome, &events);
        assert_eq!(answers.len(), 1);
        assert_eq!((answers[0].of.pid, answers[0].at), (Some(71), now));
    }
}
