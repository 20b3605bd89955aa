//! Kept-alive connections.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::task::{Context, Waker};

use tokio::net::TcpStream;

use super::upstream::Upstream;

/// A worker's address, and the connections to it that have nothing to do.
pub(super) struct Pool {
    pub(super) address: SocketAddr,
    /// Those of hyper.
    framed: Idle<Upstream>,
    /// Those of the [lane](super::lane) of plain requests.
    plain: Idle<TcpStream>,
}

impl Pool {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            framed: Idle::default(),
            plain: Idle::default(),
        }
    }

    /// The connection used last. The worker may have closed it since.
    pub(super) async fn take(&self) -> Option<Upstream> {
        match self.framed.take() {
            Some(upstream) => Some(upstream),
            None => Upstream::new(self.take_plain()?).await.ok(),
        }
    }

    /// A connection without its hyper, if it has one, and none that is known to be closed.
    pub(super) fn take_plain(&self) -> Option<TcpStream> {
        let mut unwoken = Context::from_waker(Waker::noop());
        let is_silent = |it: &TcpStream| it.poll_read_ready(&mut unwoken).is_pending();
        std::iter::from_fn(|| self.plain.take())
            .find(is_silent)
            .or_else(|| self.framed.take().and_then(Upstream::into_idle))
    }

    /// Keeps the connection for the next request, if it can take one.
    pub(super) fn keep(&self, mut upstream: Upstream) {
        if upstream.rest() {
            self.framed.put(upstream);
        }
    }

    /// Keeps one after a plain exchange.
    pub(super) fn keep_plain(&self, worker: TcpStream) {
        self.plain.put(worker);
    }

    /// Closes the connections that had nothing to do since the last sweep.
    pub(super) fn sweep(&self) {
        self.framed.sweep();
        self.plain.sweep();
    }

    /// Closes all.
    pub(super) fn clear(&self) {
        self.framed.clear();
        self.plain.clear();
    }
}

/// Connections that have nothing to do.
struct Idle<C> {
    /// The latest used on top: those at the bottom are more than it takes.
    connections: RefCell<Vec<C>>,
    /// How many at the bottom have not been touched since the last sweep.
    untouched: Cell<usize>,
}

impl<C> Default for Idle<C> {
    fn default() -> Self {
        Self {
            connections: RefCell::default(),
            untouched: Cell::default(),
        }
    }
}

impl<C> Idle<C> {
    fn take(&self) -> Option<C> {
        let mut connections = self.connections.borrow_mut();
        let connection = connections.pop()?;
        self.untouched
            .set(self.untouched.get().min(connections.len()));
        Some(connection)
    }

    fn put(&self, connection: C) {
        self.connections.borrow_mut().push(connection);
    }

    fn sweep(&self) {
        let mut connections = self.connections.borrow_mut();
        connections.drain(..self.untouched.get());
        self.untouched.set(connections.len());
    }

    fn clear(&self) {
        self.connections.borrow_mut().clear();
        self.untouched.set(0);
    }
}
