//! Kept-alive connections.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;

use super::upstream::Upstream;

/// A worker's address, and the connections to it that have nothing to do.
pub(super) struct Pool {
    pub(super) address: SocketAddr,
    /// The latest used on top: those at the bottom are more than it takes.
    idle: RefCell<Vec<Upstream>>,
    /// How many at the bottom have not been touched since the last sweep.
    untouched: Cell<usize>,
}

impl Pool {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            idle: RefCell::default(),
            untouched: Cell::default(),
        }
    }

    /// The connection used last. The worker may have closed it since.
    pub(super) fn take(&self) -> Option<Upstream> {
        let mut idle = self.idle.borrow_mut();
        let upstream = idle.pop()?;
        self.untouched.set(self.untouched.get().min(idle.len()));
        Some(upstream)
    }

    /// Keeps the connection for the next request, if it can take one.
    pub(super) fn keep(&self, mut upstream: Upstream) {
        if upstream.rest() {
            self.idle.borrow_mut().push(upstream);
        }
    }

    /// Closes the connections that had nothing to do since the last sweep.
    pub(super) fn sweep(&self) {
        let mut idle = self.idle.borrow_mut();
        idle.drain(..self.untouched.get());
        self.untouched.set(idle.len());
    }

    /// Closes all.
    pub(super) fn clear(&self) {
        self.idle.borrow_mut().clear();
        self.untouched.set(0);
    }
}
