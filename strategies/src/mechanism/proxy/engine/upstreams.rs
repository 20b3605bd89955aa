//! The workers as the proxy sees them: the queue in front of them, and the connections to them.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use super::pool::Pool;
use crate::dispatch::queue::Queue;
use crate::policy::{Arrival, Policy};

/// All workers of the fleet.
pub(super) struct Upstreams {
    pools: Vec<Pool>,
    queue: Rc<Queue>,
}

impl Upstreams {
    pub(super) fn new(addresses: Vec<SocketAddr>, policy: Box<dyn Policy>) -> Self {
        let queue = Queue::new(policy, addresses.len());
        Self {
            pools: addresses.into_iter().map(Pool::new).collect(),
            queue: Rc::new(queue),
        }
    }

    /// Waits for a pick, and counts the arrival as in flight there until [`end`](Self::end).
    /// Returns `None` if no worker can be reached.
    ///
    /// `excluded` is a worker that has already failed this request.
    pub(super) async fn pick(&self, arrival: &Arrival, excluded: Option<usize>) -> Option<usize> {
        self.queue.begin(arrival, excluded).await
    }

    pub(super) fn pool(&self, worker: usize) -> &Pool {
        &self.pools[worker]
    }

    /// Returns the time since the proxy started.
    pub(super) fn now(&self) -> Duration {
        self.queue.now()
    }

    pub(super) fn answered(&self, worker: usize, latency: Duration) {
        self.queue.answered(worker, latency);
    }

    pub(super) fn end(&self, worker: usize) {
        self.queue.end(worker);
    }

    /// Passes over the worker for a while, because it cannot be connected to.
    pub(super) fn pass_over(&self, worker: usize) {
        if self.queue.pass_over(worker) {
            self.pools[worker].clear();
        }
    }

    /// Closes every idle connection, to free its port and descriptor.
    pub(super) fn close_idle(&self) {
        self.pools.iter().for_each(Pool::clear);
    }

    /// Closes the connections that were idle since the last sweep.
    pub(super) fn sweep(&self) {
        self.pools.iter().for_each(Pool::sweep);
    }
}
