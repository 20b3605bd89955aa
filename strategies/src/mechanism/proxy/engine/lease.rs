//! A worker that is assigned to a request.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use tokio::net::TcpStream;

use super::{upstreams::Upstreams, worker_connection::WorkerConnection};
use crate::policy::Arrival;

/// The assignment of a worker to a request. The request counts as in flight at the worker until
/// the lease is dropped, however the request ends.
pub(super) struct Lease {
    upstreams: Rc<Upstreams>,
    worker: usize,
    begin: Instant,
}

impl Lease {
    /// Waits until the policy picks a worker for the arrival. Arrivals are served in order. Returns
    /// `None` if no worker can be reached.
    ///
    /// `excluded` is a worker that has already failed this request.
    pub(super) async fn acquire(
        upstreams: &Rc<Upstreams>,
        arrival: &Arrival,
        excluded: Option<usize>,
    ) -> Option<Self> {
        let worker = upstreams.pick(arrival, excluded).await?;
        Some(Self {
            upstreams: Rc::clone(upstreams),
            worker,
            begin: Instant::now(),
        })
    }

    /// Returns the worker's number.
    pub(super) const fn worker(&self) -> usize {
        self.worker
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.upstreams.pool(self.worker).address
    }

    /// Takes an idle connection to the worker out of its pool.
    pub(super) async fn take_idle(&self) -> Option<WorkerConnection> {
        self.upstreams.pool(self.worker).take().await
    }

    /// Takes an idle connection for a plain request.
    pub(super) fn take_plain(&self) -> Option<TcpStream> {
        self.upstreams.pool(self.worker).take_plain()
    }

    /// Ends the request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back(self, connection: WorkerConnection) {
        self.answered();
        self.upstreams.pool(self.worker).put(connection);
    }

    /// Ends a plain request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back_plain(self, connection: TcpStream) {
        self.answered();
        self.upstreams.pool(self.worker).put_plain(connection);
    }

    fn answered(&self) {
        self.upstreams.answered(self.worker, self.begin.elapsed());
    }

    /// Ends the request, because the worker cannot be connected to.
    pub(super) fn pass_over(self) {
        self.upstreams.pass_over(self.worker);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.upstreams.end(self.worker);
    }
}
