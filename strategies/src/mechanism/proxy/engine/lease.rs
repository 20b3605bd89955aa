//! A worker that is assigned to a request.

use std::rc::Rc;
use std::time::Instant;

use tokio::net::TcpStream;

use super::pool::{Pool, Upstreams};
use super::worker_connection::WorkerConnection;
use crate::dispatch::upstreams::Upstream;
use crate::policy::Arrival;
use crate::view::Life;

/// The assignment of a worker to a request. The request counts as in flight at the worker until
/// the lease is dropped, however the request ends.
pub(super) struct Lease {
    upstreams: Rc<Upstreams>,
    pub(super) worker: Rc<Upstream<Pool>>,
    pub(super) begin: Instant,
}

impl Lease {
    /// Waits until the policy picks a worker for the arrival. Arrivals are served in order. Returns
    /// `None` if no worker can be reached.
    ///
    /// `excluded` is a worker that has already failed this request.
    pub(super) async fn acquire(
        upstreams: &Rc<Upstreams>,
        arrival: &Arrival,
        excluded: Option<Life>,
    ) -> Option<Self> {
        let worker = upstreams.begin(arrival, excluded).await?;
        Some(Self {
            upstreams: Rc::clone(upstreams),
            worker,
            begin: Instant::now(),
        })
    }

    /// Returns the idle connections to the worker.
    pub(super) fn pool(&self) -> &Pool {
        &self.worker.kept
    }

    /// Ends the request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back(self, connection: WorkerConnection) {
        self.answered();
        if !self.worker.is_retired() {
            self.pool().put(connection);
        }
    }

    /// Ends a plain request after its complete answer, and puts the connection into the pool.
    pub(super) fn give_back_plain(self, connection: TcpStream) {
        self.answered();
        if !self.worker.is_retired() {
            self.pool().put_plain(connection);
        }
    }

    fn answered(&self) {
        let queue = &self.upstreams.queue;
        queue.answered(self.worker.life, self.begin.elapsed());
    }

    /// Reports whether the worker has failed a try of the request.
    pub(super) fn report(&self, has_failed: impl FnOnce() -> bool) {
        self.upstreams.queue.report(self.worker.life, has_failed);
    }

    /// Ends the request, and passes over the worker for a while, because it cannot be connected to.
    pub(super) fn pass_over(self) {
        if self.upstreams.queue.pass_over(self.worker.life) {
            self.pool().clear();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.upstreams.queue.end(self.worker.life);
    }
}
