//! The connections that a worker holds, and the count of what they ask.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpStream;
use tokio::task::yield_now;

use super::service::Service;
use crate::scoreboard::{Scoreboard, Slot};

/// Serves every connection that a worker takes in.
pub(super) struct Connections {
    service: Arc<Service>,
    tally: Arc<Tally>,
    protocol: http1::Builder,
    graceful: GracefulShutdown,
}

impl Connections {
    pub(super) fn new(worker: usize, scoreboard: Scoreboard) -> Self {
        let tally = Arc::new(Tally { worker, scoreboard });
        Self {
            service: Arc::new(Service::new(worker, Arc::clone(&tally))),
            tally,
            protocol: http1::Builder::new(),
            graceful: GracefulShutdown::new(),
        }
    }

    /// Takes in a connection and serves it until it ends.
    pub(super) fn serve(&self, stream: TcpStream) {
        let open = Open::new(Arc::clone(&self.tally));
        let service = Arc::clone(&self.service);
        let answer = service_fn(move |request| Arc::clone(&service).answer(request));
        let connection = self.protocol.serve_connection(TokioIo::new(stream), answer);
        let connection = self.graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off, or talks nonsense, ends its own connection only;
            // hyper has answered it as far as there is an answer.
            let _ended = connection.await;
            drop(open);
        });
    }

    /// Lets every connection finish the request it is at, with `connection: close`, and waits
    /// for that until the time is up.
    pub(super) async fn drain(self, within: Duration) {
        // hyper closes a connection at once that has read nothing yet. Those that were taken
        // in a moment ago first read what has come for them.
        for _ in 0..TURNS_TO_FIRST_READ {
            yield_now().await;
        }
        // Beyond the deadline the process ends, and with it what is still open.
        let _in_time = tokio::time::timeout(within, self.graceful.shutdown()).await;
    }
}

/// Turns of the event loop until a new connection has read: its task registers the socket in
/// the first, the kernel tells in the second, and the task reads in the third.
const TURNS_TO_FIRST_READ: usize = 3;

/// Where a worker counts.
pub(super) struct Tally {
    worker: usize,
    scoreboard: Scoreboard,
}

impl Tally {
    fn slot(&self) -> Slot<'_> {
        self.scoreboard.slot(self.worker)
    }
}

/// A connection, counted while it lives.
struct Open(Arc<Tally>);

impl Open {
    fn new(tally: Arc<Tally>) -> Self {
        tally.slot().accept();
        Self(tally)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.slot().close();
    }
}

/// A request, counted as in flight while it lives and as served afterwards.
pub(super) struct InFlight(Arc<Tally>);

impl InFlight {
    pub(super) fn new(tally: &Arc<Tally>) -> Self {
        tally.slot().begin();
        Self(Arc::clone(tally))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.slot().serve();
    }
}
