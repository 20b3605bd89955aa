use std::iter::from_fn;
use std::sync::Arc;
use std::thread::yield_now;
use std::time::Duration;

use tokio::runtime::{self, Runtime};

use super::*;
use crate::launch::inherited::Inherited;

/// More than a socket has room for: the kernel counts at least 256 bytes for each message.
const TOO_MANY: u64 = 4096;

/// The master's ends, with the thread that reads.
struct Master(Reader);

/// The end of a worker, with the runtime that watches it.
struct Worker {
    runtime: Runtime,
    end: WorkerEnd,
    incoming: Incoming,
}

impl Master {
    fn of(places: usize) -> Self {
        Self(Reader::start(Arc::new(Ends::new(places).unwrap()), &[]).unwrap())
    }

    /// Starts a life of a worker and, if asked, admits it.
    fn start(&self, life: Life, is_admitted: bool) -> Worker {
        let numbers = life.place..life.place + 1;
        let inherited = self.0.ends.open(life, numbers, Inherited::default());
        if is_admitted {
            self.0.ends.admit(life);
        }
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        let end = WorkerEnd::inherit(&mut inherited.unwrap()).unwrap();
        let incoming = {
            let _within = runtime.enter();
            end.watch().unwrap()
        };
        Worker {
            runtime,
            end,
            incoming,
        }
    }

    fn receive(&self) -> Received {
        let received = self.0.ends.receive(Duration::from_secs(10));
        received.expect("a message")
    }
}

impl Worker {
    fn next(&self) -> Option<ToWorker> {
        let received = self.runtime.block_on(self.incoming.next());
        received.map(|(message, _descriptors)| message)
    }
}

fn life(place: usize, generation: u32) -> Life {
    Life { place, generation }
}

#[test]
fn a_message_reaches_the_life_that_is_admitted() {
    let master = Master::of(1);
    let ends = &master.0.ends;
    let old = master.start(life(0, 0), true);
    let new = master.start(life(0, 1), false);
    ends.send(0, &ToWorker::Total(1)).unwrap();
    ends.retire(life(0, 0));
    ends.admit(life(0, 1));
    ends.send(0, &ToWorker::Total(2)).unwrap();
    ends.broadcast(&ToWorker::Total(3)).unwrap();
    drop(master);
    let heard = |worker: &Worker| from_fn(|| worker.next()).collect::<Vec<_>>();
    assert_eq!(heard(&old), [ToWorker::Total(1)]);
    assert_eq!(heard(&new), [ToWorker::Total(2), ToWorker::Total(3)]);
}

#[test]
fn what_workers_send_arrives_with_their_names() {
    let master = Master::of(2);
    for place in [1, 0] {
        let worker = master.start(life(place, 3), true);
        worker.end.send(&ToMaster::Answered(7)).unwrap();
        assert_eq!(
            master.receive(),
            Received {
                from: life(place, 3),
                message: ToMaster::Answered(7)
            }
        );
    }
    assert_eq!(master.0.ends.receive(Duration::ZERO), None);
}

#[test]
fn a_message_to_a_worker_that_is_gone_is_an_error_that_names_it() {
    let master = Master::of(2);
    let ends = &master.0.ends;
    drop(master.start(life(1, 0), true));
    let error = ends.send(1, &ToWorker::Total(0)).unwrap_err();
    assert_eq!(error, MessageError::Gone { worker: 1 });
    assert!(error.to_string().starts_with("worker 1 is gone"), "{error}");
    let starting = master.start(life(0, 0), false);
    let error = ends.send(0, &ToWorker::Total(0)).unwrap_err();
    assert_eq!(error, MessageError::Gone { worker: 0 });
    drop(starting);
    let error = ends.send(2, &ToWorker::Total(0)).unwrap_err();
    assert!(error.to_string().contains("no worker 2"), "{error}");
}

#[test]
fn a_worker_that_does_not_read_is_refused_more_and_the_others_get_theirs() {
    let master = Master::of(2);
    let ends = &master.0.ends;
    let stuck = master.start(life(0, 0), true);
    let accepted = (0..TOO_MANY).take_while(|total| ends.send(0, &ToWorker::Total(*total)).is_ok());
    let accepted = accepted.count() as u64;
    assert!(0 < accepted && accepted < TOO_MANY, "{accepted}");
    let other = master.start(life(1, 0), true);
    let refused = ends.broadcast(&ToWorker::Total(TOO_MANY));
    assert_eq!(refused, Err(MessageError::Full { worker: 0 }));
    assert_eq!(other.next(), Some(ToWorker::Total(TOO_MANY)));
    let kept = from_fn(|| stuck.next()).take(accepted as usize);
    assert!(kept.eq((0..accepted).map(ToWorker::Total)));
    ends.send(0, &ToWorker::Total(1)).unwrap();
}

#[test]
fn a_worker_that_reads_late_still_learns_the_last_total() {
    let master = Master::of(2);
    let late = master.start(life(0, 0), true);
    while master.0.ends.send(0, &ToWorker::Total(0)).is_ok() {}
    let busy = master.start(life(1, 0), true);
    for answered in 1..=TOO_MANY {
        while busy.end.send(&ToMaster::Answered(answered)).is_err() {
            yield_now();
        }
    }
    let mut totals = from_fn(|| late.next());
    assert!(totals.any(|total| total == ToWorker::Total(TOO_MANY)));
}
