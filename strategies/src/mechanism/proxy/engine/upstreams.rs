//! The workers as the proxy sees them: the queue in front of them, and the connections to them.

use std::net::SocketAddr;
use std::rc::Rc;

use super::pool::Pool;
use crate::dispatch::queue::Queue;
use crate::policy::Policy;

pub(super) struct Upstreams {
    pub(super) pools: Vec<Pool>,
    pub(super) queue: Rc<Queue>,
}

impl Upstreams {
    pub(super) fn new(addresses: Vec<SocketAddr>, policy: Box<dyn Policy>) -> Self {
        let queue = Queue::new(policy, addresses.len());
        Self {
            pools: addresses.into_iter().map(Pool::new).collect(),
            queue: Rc::new(queue),
        }
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

    pub(super) fn sweep(&self) {
        self.pools.iter().for_each(Pool::sweep);
    }
}
