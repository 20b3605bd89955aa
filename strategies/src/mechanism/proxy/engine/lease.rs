//! A worker that is assigned to a request.

use std::rc::Rc;
use std::time::Instant;

use tokio::net::TcpStream;

use super::{pool::Pool, upstreams::Upstreams, worker_connection::WorkerConnection};
use crate::policy::Arrival;

/// The assignment of a worker to a request. The request counts as in flight at the worker until
/// the lease is dropped, however the request ends.
pub(super) struct Lease {
    upstreams: Rc<Upstreams>,
    /// The worker's number.
    pub(super) worker: usize,
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
        let worker = upstreams.queue.begin(arrival, excluded).await?;
        Some(Self {
            upstreams: Rc::clone(upstreams),
            worker,
            begin: Instant::now(),
        })
    }

    /// Returns the worker's address and idle connections.
    pub(super) fn pool(&self) -> &Pool {
        &self.upstreams.pools[self.worker]
    }

    /// Ends the request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back(self, connection: WorkerConnection) {
        self.answered();
        self.pool().put(connection);
    }

    /// Ends a plain request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back_plain(self, connection: TcpStream) {
        self.answered();
        self.pool().put_plain(connection);
    }

    fn answered(&self) {
        let queue = &self.upstreams.queue;
        queue.answered(self.worker, self.begin.elapsed());
    }

    /// Ends the request, because the worker cannot be connected to.
    pub(super) fn pass_over(self) {
        self.upstreams.pass_over(self.worker);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.upstreams.queue.end(self.worker);
    }
}
