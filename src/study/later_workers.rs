//! Workers of a peer that came after its launch: what they answered counts for the workers whose numbers they
//! have.

use evenkeel_loadgen::Outcome;
use evenkeel_strategies::{FleetEvent, Role};

/// Replaces the numbers of workers that came later by those that the fleet gave them. `given` is the number of
/// workers whose names were known before the load, not 0. Answers of others than workers of the fleet have the number
/// after the last worker.
pub(super) fn renumber(outcome: &mut Outcome, given: usize, events: &[FleetEvent]) {
    let later = outcome.later_workers.iter();
    let later: Vec<Option<usize>> = later.map(|it| number_of(it.name, events)).collect();
    let most = later.iter().flatten().map(|number| number + 1).max();
    let strangers = most.unwrap_or(0).max(given);
    let number = |number: usize| match number.checked_sub(given) {
        None => number,
        Some(at) => later.get(at).copied().flatten().unwrap_or(strangers),
    };
    let mut per_worker = vec![0; strangers + 1];
    for (at, answers) in outcome.per_worker.iter().enumerate() {
        per_worker[number(at)] += answers;
    }
    outcome.per_worker = per_worker;
    for loss in &mut outcome.losses.first {
        let worker = loss.worker.map(|worker| number(worker as usize));
        loss.worker = worker
            .filter(|worker| *worker < strangers)
            .map(|worker| worker as u32);
    }
}

/// Returns the number of the worker that was, or is, this process.
fn number_of(pid: u32, events: &[FleetEvent]) -> Option<usize> {
    events.iter().find_map(|event| match event.role {
        Role::Worker(number) if event.pid == Some(pid.cast_signed()) => Some(number),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use evenkeel_loadgen::{ErrorClass, LaterWorker, Loss};
    use evenkeel_strategies::FleetEventKind;

    use super::*;
    use crate::study::example_outcome;

    fn started(number: usize, generation: u32, pid: i32) -> FleetEvent {
        FleetEvent {
            at: Instant::now(),
            role: Role::Worker(number),
            generation,
            pid: Some(pid),
            what: FleetEventKind::Fork,
        }
    }

    fn later(name: u32) -> LaterWorker {
        LaterWorker {
            name,
            answered_at: Instant::now(),
        }
    }

    fn lost(worker: Option<u32>) -> Loss {
        Loss {
            at_ns: 0,
            sent_ns: 0,
            class: ErrorClass::Cut,
            worker,
            is_on_kept: true,
        }
    }

    #[test]
    fn answers_and_losses_of_a_successor_count_for_its_number() {
        let mut outcome = example_outcome();
        outcome.per_worker = vec![10, 20, 3, 4, 5];
        outcome.later_workers = [900, 901, 17].map(later).into();
        outcome.losses.first = [Some(1), Some(2), Some(4), None].map(lost).into();
        let events = [started(1, 1, 900), started(0, 1, 901)];
        renumber(&mut outcome, 2, &events);
        // Nobody in the fleet was process 17.
        assert_eq!(outcome.per_worker, [14, 23, 5]);
        let losses = outcome.losses.first.iter().map(|loss| loss.worker);
        assert!(losses.eq([Some(1), Some(1), None, None]));
    }

    #[test]
    fn a_worker_of_a_larger_fleet_has_a_number_of_its_own() {
        let mut outcome = example_outcome();
        outcome.per_worker = vec![10, 0, 7];
        outcome.later_workers = vec![later(902)];
        renumber(&mut outcome, 2, &[started(2, 0, 902)]);
        assert_eq!(outcome.per_worker, [10, 0, 7, 0]);
    }
}
