//! Arrivals that wait for a worker, in an asynchronous dispatcher.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Notify};
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::policy::{Arrival, Pick, Policy};
use crate::view::Workers;

/// For how long a worker that refused a connection is passed over.
///
/// Short, as a worker that comes back should not idle; long enough that a dead one costs a
/// vain connect per second and not one per request.
const PASSED_OVER_FOR: Duration = Duration::from_secs(1);

/// A policy, the workers that it picks from, and those who wait for a pick, in the order of
/// their arrival. For one thread.
pub(crate) struct Queue {
    choice: RefCell<Choice>,
    /// Whoever holds it is the first in the queue.
    turn: Mutex<()>,
    /// What was given to a worker has ended, or a worker has gone or come back.
    changed: Notify,
    began: Instant,
}

struct Choice {
    policy: Box<dyn Policy>,
    /// What this dispatcher knows by itself.
    workers: Workers,
}

impl Choice {
    /// A pick, or `None` if there is nobody to wait for. `but` is not to be picked this time.
    fn pick(&mut self, arrival: &Arrival, but: Option<usize>) -> Option<Pick> {
        let hidden = but.filter(|worker| self.workers.set_available(*worker, false));
        let pick = self.policy.pick(arrival, &mut self.workers);
        let nobody = self.workers.available() == 0;
        if let Some(worker) = hidden {
            self.workers.set_available(worker, true);
        }
        (pick != Pick::Wait || !nobody).then_some(pick)
    }
}

impl Queue {
    /// Nobody waits before so many workers, of which all are available.
    pub(crate) fn new(policy: Box<dyn Policy>, workers: usize) -> Self {
        let workers = Workers::new(workers);
        Self {
            choice: RefCell::new(Choice { policy, workers }),
            turn: Mutex::default(),
            changed: Notify::new(),
            began: Instant::now(),
        }
    }

    /// A worker for that arrival, in the order of arrivals; `None` if none can be reached. It
    /// counts as having been given something until [`end`](Self::end).
    ///
    /// `but` is a worker that has failed this very arrival.
    pub(crate) async fn begin(&self, arrival: &Arrival, but: Option<usize>) -> Option<usize> {
        let _turn = self.turn.lock().await;
        loop {
            let pick = self.choice.borrow_mut().pick(arrival, but)?;
            match pick {
                Pick::Worker(worker) => {
                    self.choice.borrow_mut().workers.begin(worker);
                    return Some(worker);
                }
                Pick::Wait => self.changed.notified().await,
            }
        }
    }

    /// The time since the dispatcher began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// A worker has answered a request completely, after so long.
    pub(crate) fn answered(&self, worker: usize, latency: Duration) {
        let now = self.now();
        let policy = &mut self.choice.borrow_mut().policy;
        policy.answered(worker, latency, now);
    }

    /// What a worker was given has ended.
    pub(crate) fn end(&self, worker: usize) {
        self.choice.borrow_mut().workers.end(worker, 1);
        self.changed.notify_one();
    }

    /// Passes over the worker for a while, as it cannot be connected to. Whether it was not
    /// passed over already. To be called on a [`LocalSet`](tokio::task::LocalSet).
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

    /// A worker can be given work from now on, or cannot. Whether that is a change.
    fn set_available(&self, worker: usize, available: bool) -> bool {
        self.changed.notify_one();
        let workers = &mut self.choice.borrow_mut().workers;
        workers.set_available(worker, available)
    }
}
