//! Which process had a request that was lost: the account of the client, looked up in what happened to
//! the workers.

use crate::record::Loss;

/// By how much the time of an event may differ from when a client felt it, seconds. A fleet is told of
/// the end of a process, and notes what it does, as soon as it has a CPU; on a busy host that takes
/// some scheduling periods of a few milliseconds.
const SLACK_S: f64 = 0.05;

/// What happened to a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkerEvent {
    /// Seconds since the measured time began; negative before.
    pub at_s: f64,
    /// Number of the worker.
    pub worker: u32,
    /// Number of its life, from 0.
    pub generation: u32,
    /// What happened.
    pub what: WorkerEventKind,
}

/// The events of a worker that decide whether it could answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerEventKind {
    /// Its process began.
    Began,
    /// It serves from now on.
    Ready,
    /// It takes nothing new from now on.
    Draining,
    /// Its process has ended, and was asked to.
    Ended,
    /// Its process has ended by itself, or was killed.
    Died,
}

/// Who had a request when it was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Had {
    /// No process: nobody listened.
    Nobody,
    /// This worker, which was draining.
    Draining(u32),
    /// This worker, which did not serve yet.
    BeforeReady(u32),
    /// This worker, which died.
    Died(u32),
    /// No worker yet: it waited in a dispatcher or in the accept queue of a worker that closed it.
    OnItsWay,
    /// Nothing that is known of the workers says who.
    Unknown,
}

/// Returns who had a request when it was lost. It is known only as far as the connection or the time
/// tells: a connection on which a worker has answered is taken to be that worker's, as it is unless a
/// proxy spreads its requests; and without an answer only what happened in the meantime can be the
/// reason.
pub fn who_had(loss: &Loss, events: &[WorkerEvent]) -> Had {
    if loss.class == "refused" {
        return Had::Nobody;
    }
    let during = |at_s: f64| loss.sent_s - SLACK_S <= at_s && at_s <= loss.at_s + SLACK_S;
    match loss.worker {
        Some(worker) => of_worker(loss, worker, events),
        None => of_new_connection(events, during),
    }
}

/// Of a connection on which this worker has answered.
fn of_worker(loss: &Loss, worker: u32, events: &[WorkerEvent]) -> Had {
    let of_it = |event: &&WorkerEvent| event.worker == worker;
    let before_its_end = |event: &&WorkerEvent| event.at_s <= loss.at_s + SLACK_S;
    let had_gone = |life: u32| {
        let mut of_life = events.iter().filter(of_it);
        of_life.any(|event| {
            event.generation == life && event.is_end() && event.at_s < loss.sent_s - SLACK_S
        })
    };
    let known = events.iter().filter(of_it).filter(before_its_end);
    let of_life_there = known.filter(|event| !had_gone(event.generation));
    let of_life_there: Vec<WorkerEventKind> = of_life_there.map(|event| event.what).collect();
    if of_life_there.contains(&WorkerEventKind::Died) {
        Had::Died(worker)
    } else if of_life_there.contains(&WorkerEventKind::Draining) {
        Had::Draining(worker)
    } else {
        Had::Unknown
    }
}

/// Of a connection on which nobody has answered.
fn of_new_connection(events: &[WorkerEvent], during: impl Fn(f64) -> bool) -> Had {
    let happened = |what: WorkerEventKind| {
        let mut events = events.iter();
        events.find(|event| event.what == what && during(event.at_s))
    };
    if let Some(death) = happened(WorkerEventKind::Died) {
        return Had::Died(death.worker);
    }
    if happened(WorkerEventKind::Draining).is_some() {
        return Had::OnItsWay;
    }
    let first = happened(WorkerEventKind::Began).or(happened(WorkerEventKind::Ready));
    first.map_or(Had::Unknown, |event| Had::BeforeReady(event.worker))
}

impl WorkerEvent {
    fn is_end(&self) -> bool {
        matches!(self.what, WorkerEventKind::Ended | WorkerEventKind::Died)
    }
}

#[cfg(test)]
mod tests {
    use WorkerEventKind::{Began, Died, Draining, Ended, Ready};

    use super::*;

    /// Worker 0 is reloaded at 2 s, worker 1 dies at 5 s, worker 2 comes at 8 s.
    const EVENTS: [WorkerEvent; 10] = [
        event(-1.0, 0, 0, Ready),
        event(-1.0, 1, 0, Ready),
        event(1.8, 0, 1, Began),
        event(1.9, 0, 1, Ready),
        event(2.0, 0, 0, Draining),
        event(3.0, 0, 0, Ended),
        event(5.0, 1, 0, Died),
        event(5.2, 1, 1, Began),
        event(5.3, 1, 1, Ready),
        event(8.0, 2, 0, Began),
    ];

    const fn event(at_s: f64, worker: u32, generation: u32, what: WorkerEventKind) -> WorkerEvent {
        WorkerEvent {
            at_s,
            worker,
            generation,
            what,
        }
    }

    fn loss(class: &str, sent_s: f64, at_s: f64, worker: Option<u32>) -> Loss {
        Loss {
            at_s,
            sent_s,
            class: class.to_owned(),
            worker,
            kept: worker.is_some(),
        }
    }

    #[test]
    fn a_loss_is_looked_up_in_what_happened_to_the_workers() {
        for (class, sent_s, at_s, worker, expected) in [
            ("refused", 5.0, 5.0, None, Had::Nobody),
            // Of a connection on which a worker had answered.
            ("unanswered", 1.0, 1.1, Some(0), Had::Unknown),
            ("closed-as-it-was-sent", 2.1, 2.1, Some(0), Had::Draining(0)),
            ("cut", 1.5, 2.99, Some(0), Had::Draining(0)),
            ("unanswered", 4.0, 4.1, Some(0), Had::Unknown),
            ("unanswered", 4.9, 5.0, Some(1), Had::Died(1)),
            ("cut", 4.9, 4.97, Some(1), Had::Died(1)),
            ("unanswered", 4.0, 4.1, Some(1), Had::Unknown),
            ("unanswered", 6.0, 6.1, Some(1), Had::Unknown),
            // Of a new connection.
            ("unanswered", 2.0, 2.0, None, Had::OnItsWay),
            ("reset-before-sending", 5.01, 5.01, None, Had::Died(1)),
            ("timed-out", 7.9, 8.4, None, Had::BeforeReady(2)),
            ("unanswered", 7.0, 7.1, None, Had::Unknown),
        ] {
            let loss = loss(class, sent_s, at_s, worker);
            assert_eq!(who_had(&loss, &EVENTS), expected, "{loss:?}");
        }
    }

    #[test]
    fn without_events_only_a_refusal_is_understood() {
        assert_eq!(who_had(&loss("cut", 1.0, 2.0, Some(0)), &[]), Had::Unknown);
        assert_eq!(
            who_had(&loss("unanswered", 1.0, 2.0, None), &[]),
            Had::Unknown
        );
        assert_eq!(who_had(&loss("refused", 1.0, 1.0, None), &[]), Had::Nobody);
    }
}
