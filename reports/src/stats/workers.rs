//! How many workers a fleet has in which state, over time.

use std::collections::BTreeMap;

use crate::record::{TimelineEvent, chosen_from};

/// Numbers of workers by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Workers {
    /// Started, and cannot be chosen yet.
    pub(crate) starting: usize,
    /// Can be chosen.
    pub(crate) serving: usize,
    /// Get nothing new.
    pub(crate) draining: usize,
}

/// Numbers of workers from a time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WorkersAt {
    /// Seconds since the measured time began.
    pub(crate) at_s: f64,
    pub(crate) workers: Workers,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Starting,
    Serving,
    Draining,
}

impl Workers {
    /// Returns the numbers after each event that changed the state of a worker.
    pub(crate) fn over(timeline: &[TimelineEvent]) -> Vec<WorkersAt> {
        let chosen_from = chosen_from(timeline);
        let mut states = BTreeMap::new();
        let mut over = Vec::new();
        for event in timeline.iter().filter(|event| event.worker.is_some()) {
            let life = (event.worker, event.generation);
            match state_after(&event.event, chosen_from) {
                Some(Some(state)) => states.insert(life, state),
                Some(None) => states.remove(&life),
                None => continue,
            };
            over.push(WorkersAt {
                at_s: event.at_s,
                workers: Workers::of(&states),
            });
        }
        over
    }

    fn of<L>(states: &BTreeMap<L, State>) -> Workers {
        let in_state = |state| states.values().filter(|one| **one == state).count();
        Workers {
            starting: in_state(State::Starting),
            serving: in_state(State::Serving),
            draining: in_state(State::Draining),
        }
    }
}

/// Returns the state after an event of a worker, which is `None` after its end; `None` if the event changes
/// no state.
fn state_after(event: &str, chosen_from: &str) -> Option<Option<State>> {
    match event {
        _ if event == chosen_from => Some(Some(State::Serving)),
        "fork" => Some(Some(State::Starting)),
        "draining" => Some(Some(State::Draining)),
        "exit" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event((at_s, event, worker, generation): (f64, &str, u32, u32)) -> TimelineEvent {
        TimelineEvent {
            at_s,
            event: event.to_owned(),
            worker: Some(worker),
            generation: Some(generation),
            pid: None,
            intended: None,
            detail: None,
        }
    }

    #[test]
    fn a_worker_of_a_peer_serves_when_it_is_found_to_be_ready() {
        let events = [(0.1, "fork", 0, 1), (0.2, "listening", 0, 1)];
        let over = Workers::over(&events.map(event));
        assert_eq!(over.last().map(|at| at.workers.serving), Some(1));
    }

    #[test]
    fn a_worker_starts_serves_drains_and_ends_while_its_successor_comes() {
        let events = [
            (-1.0, "fork", 0, 0),
            (-0.9, "listening", 0, 0),
            (-0.8, "admitted", 0, 0),
            (1.0, "fork", 0, 1),
            (1.1, "admitted", 0, 1),
            (1.1, "draining", 0, 0),
            (1.2, "exit", 0, 0),
        ];
        let over = Workers::over(&events.map(event));
        let counts = over.iter().map(|at| {
            let workers = at.workers;
            (workers.starting, workers.serving, workers.draining)
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(
            counts,
            [
                (1, 0, 0),
                (0, 1, 0),
                (1, 1, 0),
                (0, 2, 0),
                (0, 1, 1),
                (0, 1, 0)
            ]
        );
    }
}
