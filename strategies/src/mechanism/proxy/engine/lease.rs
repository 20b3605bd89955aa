//! A request's hold on its worker.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use tokio::net::TcpStream;

use super::upstream::Upstream;
use super::workers::Workers;

/// Counts as a request in flight at its worker until it is dropped, however the request ends.
pub(super) struct Lease {
    workers: Rc<Workers>,
    worker: usize,
    began: Instant,
}

impl Lease {
    pub(super) fn new(workers: &Rc<Workers>, worker: usize) -> Self {
        Self {
            workers: Rc::clone(workers),
            worker,
            began: Instant::now(),
        }
    }

    /// The worker's number.
    pub(super) const fn worker(&self) -> usize {
        self.worker
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.workers.pool(self.worker).address
    }

    /// A connection that an earlier request has left.
    pub(super) async fn take_idle(&self) -> Option<Upstream> {
        self.workers.pool(self.worker).take().await
    }

    /// The same for a plain request.
    pub(super) fn take_plain(&self) -> Option<TcpStream> {
        self.workers.pool(self.worker).take_plain()
    }

    /// Ends the request, whose answer is complete, and leaves the connection for a later one.
    pub(super) fn give_back(self, upstream: Upstream) {
        self.workers.answered(self.worker, self.began.elapsed());
        self.workers.pool(self.worker).keep(upstream);
    }

    /// The same after a plain exchange.
    pub(super) fn give_back_plain(self, worker: TcpStream) {
        self.workers.answered(self.worker, self.began.elapsed());
        self.workers.pool(self.worker).keep_plain(worker);
    }

    /// Ends the request, as the worker cannot be connected to.
    pub(super) fn pass_over(self) {
        self.workers.pass_over(self.worker);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.workers.end(self.worker);
    }
}
