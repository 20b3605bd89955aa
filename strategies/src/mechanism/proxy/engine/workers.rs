//! The workers as the proxy knows them: who can be reached, who has how much to do.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::lease::Lease;
use super::pool::Pool;
use crate::policy::{Arrival, Pick, Policy};
use crate::workers;

/// For how long a worker that refused a connection is passed over.
///
/// Short, as a worker that comes back should not idle; long enough that a dead one costs a
/// vain connect per second and not one per request.
const PASSED_OVER_FOR: Duration = Duration::from_secs(1);

/// All workers of the fleet.
pub(super) struct Workers {
    pools: Vec<Pool>,
    choice: RefCell<Choice>,
    /// Whoever holds it is the first in the queue of requests that wait for a worker.
    turn: Mutex<()>,
    /// A request has ended, or a worker has gone or come back.
    changed: Notify,
}

struct Choice {
    policy: Box<dyn Policy>,
    /// What this proxy knows by itself.
    workers: workers::Workers,
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

impl Workers {
    pub(super) fn new(upstreams: Vec<SocketAddr>, policy: Box<dyn Policy>) -> Self {
        let workers = workers::Workers::new(upstreams.len());
        Self {
            pools: upstreams.into_iter().map(Pool::new).collect(),
            choice: RefCell::new(Choice { policy, workers }),
            turn: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// A worker for that arrival, in the order of arrivals; `None` if none can be reached.
    ///
    /// `but` is a worker that has failed this very request.
    pub(super) async fn lease(
        self: &Rc<Self>,
        arrival: &Arrival,
        but: Option<usize>,
    ) -> Option<Lease> {
        let _turn = self.turn.lock().await;
        loop {
            let pick = self.choice.borrow_mut().pick(arrival, but)?;
            match pick {
                Pick::Worker(worker) => return Some(Lease::begin(self, worker)),
                Pick::Wait => self.changed.notified().await,
            }
        }
    }

    pub(super) fn pool(&self, worker: usize) -> &Pool {
        &self.pools[worker]
    }

    pub(super) fn begin(&self, worker: usize) {
        self.choice.borrow_mut().workers.begin(worker);
    }

    pub(super) fn end(&self, worker: usize) {
        self.choice.borrow_mut().workers.end(worker, 1);
        self.changed.notify_one();
    }

    /// Passes over the worker for a while, as it cannot be connected to.
    pub(super) fn pass_over(self: &Rc<Self>, worker: usize) {
        if !self.set_available(worker, false) {
            return;
        }
        self.pools[worker].clear();
        let workers = Rc::clone(self);
        spawn_local(async move {
            sleep(PASSED_OVER_FOR).await;
            workers.set_available(worker, true);
        });
    }

    /// Whether that is a change.
    fn set_available(&self, worker: usize, available: bool) -> bool {
        self.changed.notify_one();
        let workers = &mut self.choice.borrow_mut().workers;
        workers.set_available(worker, available)
    }

    /// Closes every idle connection, so that their descriptors can be had for others.
    pub(super) fn close_idle(&self) {
        self.pools.iter().for_each(Pool::clear);
    }

    /// Closes the connections that have been idle since the last time.
    pub(super) fn sweep(&self) {
        self.pools.iter().for_each(Pool::sweep);
    }
}
