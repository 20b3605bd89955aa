//! The workers as the proxy knows them: who can be reached, who has how much to do.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use super::lease::Lease;
use super::pool::Pool;
use crate::dispatch::queue::Queue;
use crate::policy::{Arrival, Policy};

/// All workers of the fleet.
pub(super) struct Workers {
    pools: Vec<Pool>,
    queue: Rc<Queue>,
}

impl Workers {
    pub(super) fn new(upstreams: Vec<SocketAddr>, policy: Box<dyn Policy>) -> Self {
        let queue = Queue::new(policy, upstreams.len());
        Self {
            pools: upstreams.into_iter().map(Pool::new).collect(),
            queue: Rc::new(queue),
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
        let worker = self.queue.begin(arrival, but).await?;
        Some(Lease::new(self, worker))
    }

    pub(super) fn pool(&self, worker: usize) -> &Pool {
        &self.pools[worker]
    }

    /// The time since the proxy began.
    pub(super) fn now(&self) -> Duration {
        self.queue.now()
    }

    pub(super) fn answered(&self, worker: usize, latency: Duration) {
        self.queue.answered(worker, latency);
    }

    pub(super) fn end(&self, worker: usize) {
        self.queue.end(worker);
    }

    /// Passes over the worker for a while, as it cannot be connected to.
    pub(super) fn pass_over(&self, worker: usize) {
        if self.queue.pass_over(worker) {
            self.pools[worker].clear();
        }
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
