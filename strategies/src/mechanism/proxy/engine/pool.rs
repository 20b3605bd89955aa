//! Idle connections to a worker.

use std::cell::{Cell, RefCell};
use std::task::{Context, Waker};

use tokio::io::ReadBuf;
use tokio::net::TcpStream;

use super::worker_connection::WorkerConnection;
use crate::dispatch::upstreams::{self, Kept};

/// The workers, and the idle connections to each.
pub(super) type Upstreams = upstreams::Upstreams<Pool>;

/// The idle connections to a worker.
#[derive(Default)]
pub(super) struct Pool {
    /// Idle connections of the slow path.
    framed: Idle<WorkerConnection>,
    /// Idle connections of the [fast path](super::fast_path).
    plain: Idle<TcpStream>,
}

impl Pool {
    /// Takes the connection used last. The worker may have closed it since.
    pub(super) async fn take(&self) -> Option<WorkerConnection> {
        match self.framed.take() {
            Some(connection) => Some(connection),
            None => WorkerConnection::new(self.take_plain()?).await.ok(),
        }
    }

    /// Takes a bare connection that is not known to be closed.
    pub(super) fn take_plain(&self) -> Option<TcpStream> {
        let mut context = Context::from_waker(Waker::noop());
        let is_silent = |it: &TcpStream| {
            it.poll_peek(&mut context, &mut ReadBuf::new(&mut [0]))
                .is_pending()
        };
        std::iter::from_fn(|| self.plain.take())
            .find(is_silent)
            .or_else(|| self.framed.take().and_then(WorkerConnection::into_idle))
    }

    /// Adds a connection, if it can take another request.
    pub(super) fn put(&self, mut connection: WorkerConnection) {
        if connection.is_idle() {
            self.framed.put(connection);
        }
    }

    pub(super) fn put_plain(&self, connection: TcpStream) {
        self.plain.put(connection);
    }

    /// Closes the connections that were not used since the last sweep.
    pub(super) fn sweep(&self) {
        self.framed.sweep();
        self.plain.sweep();
    }

    pub(super) fn clear(&self) {
        self.framed.clear();
        self.plain.clear();
    }
}

impl Kept for Pool {
    fn close(&self) {
        self.clear();
    }
}

/// A stack of idle connections.
struct Idle<C> {
    /// The connection used last is on top. Those at the bottom are not needed.
    connections: RefCell<Vec<C>>,
    /// Number of connections at the bottom that were not used since the last sweep.
    unused: Cell<usize>,
}

impl<C> Default for Idle<C> {
    fn default() -> Self {
        Self {
            connections: RefCell::default(),
            unused: Cell::default(),
        }
    }
}

impl<C> Idle<C> {
    fn take(&self) -> Option<C> {
        let mut connections = self.connections.borrow_mut();
        let connection = connections.pop()?;
        self.unused.set(self.unused.get().min(connections.len()));
        Some(connection)
    }

    fn put(&self, connection: C) {
        self.connections.borrow_mut().push(connection);
    }

    fn sweep(&self) {
        let mut connections = self.connections.borrow_mut();
        connections.drain(..self.unused.get());
        self.unused.set(connections.len());
    }

    fn clear(&self) {
        self.connections.borrow_mut().clear();
        self.unused.set(0);
    }
}
