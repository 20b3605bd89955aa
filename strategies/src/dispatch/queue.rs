//! The queue of an asynchronous dispatcher: arrivals that wait for a worker.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Notify};
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::policy::{Arrival, Pick, Policy};
use crate::view::Workers;

/// How long a worker is passed over after it has refused a connection.
///
/// Short, so that a worker that comes back is used soon. Long enough that a dead worker costs one failed
/// connect per second, not one per request.
const PASSED_OVER_FOR: Duration = Duration::from_secs(1);

/// A policy, its workers, and the arrivals that wait for a pick, in order. For one thread.
pub(crate) struct Queue {
    choice: RefCell<Choice>,
    /// The first arrival in the queue holds it.
    turn: Mutex<()>,
    /// Notified when a worker has finished something, or became available or unavailable.
    changed: Notify,
    start: Instant,
}

struct Choice {
    policy: Box<dyn Policy>,
    /// What this dispatcher knows about the workers.
    workers: Workers,
}

impl Choice {
    /// Picks a worker other than `excluded`. Returns `None` if no worker is available.
    fn pick(&mut self, arrival: &Arrival, excluded: Option<usize>) -> Option<Pick> {
        let hidden = excluded.filter(|worker| self.workers.set_available(*worker, false));
        let pick = self.policy.pick(arrival, &mut self.workers);
        let none_available = self.workers.available() == 0;
        if let Some(worker) = hidden {
            self.workers.set_available(worker, true);
        }
        (pick != Pick::Wait || !none_available).then_some(pick)
    }
}

impl Queue {
    pub(crate) fn new(policy: Box<dyn Policy>, workers: usize) -> Self {
        let workers = Workers::new(workers);
        Self {
            choice: RefCell::new(Choice { policy, workers }),
            turn: Mutex::default(),
            changed: Notify::new(),
            start: Instant::now(),
        }
    }

    /// Waits for a worker, in the order of arrivals. The arrival counts as in flight there until
    /// [`end`](Self::end). Returns `None` if no worker can be reached.
    ///
    /// `excluded` is a worker that has already failed this arrival.
    pub(crate) async fn begin(&self, arrival: &Arrival, excluded: Option<usize>) -> Option<usize> {
        let _turn = self.turn.lock().await;
        loop {
            let pick = self.choice.borrow_mut().pick(arrival, excluded)?;
            match pick {
                Pick::Worker(worker) => {
                    self.choice.borrow_mut().workers.begin(worker);
                    return Some(worker);
                }
                Pick::Wait => self.changed.notified().await,
            }
        }
    }

    /// Returns the time since the dispatcher started.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Reports the complete answer of a worker to the policy.
    pub(crate) fn answered(&self, worker: usize, latency: Duration) {
        let now = self.now();
        let policy = &mut self.choice.borrow_mut().policy;
        policy.answered(worker, latency, now);
    }

    /// Ends what was in flight at a worker.
    pub(crate) fn end(&self, worker: usize) {
        self.choice.borrow_mut().workers.end(worker, 1);
        self.changed.notify_one();
    }

    /// Passes over a worker for a while, because it cannot be connected to. Returns whether it was not
    /// passed over already. Call it on a [`LocalSet`](tokio::task::LocalSet).
    pub(crate) fn pass_over(self: &Rc<Self>, worker: usize) -> bool {
        let passed_over = self.set_available(worker, false);
        if passed_over {
            let queue = Rc::clone(self);
            spawn_local(async move {
                sleep(PASSED_OVER_FOR).await;
                queue.set_available(worker, true);
            });
        }
        passed_over
    }

    /// Makes a worker available or unavailable. Returns whether that is a change.
    fn set_available(&self, worker: usize, available: bool) -> bool {
        self.changed.notify_one();
        let workers = &mut self.choice.borrow_mut().workers;
        workers.set_available(worker, available)
    }
}
