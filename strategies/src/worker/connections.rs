//! The connections that a worker holds, and the count of what they ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::occupation::Occupation;
use super::service::Service;
use crate::bell::Bells;
use crate::drain::Drain;
use crate::proxy_protocol;
use crate::scoreboard::{Scoreboard, Slot};

/// Serves every connection that a worker takes in.
pub(super) struct Connections {
    service: Arc<Service>,
    tally: Arc<Tally>,
    protocol: http1::Builder,
    drain: Drain,
    header_within: Option<Duration>,
    /// A permit for each connection that there are descriptors for.
    room: Arc<Semaphore>,
}

impl Connections {
    pub(super) fn new(
        tally: Tally,
        occupation: Arc<Occupation>,
        header_within: Option<Duration>,
        room: usize,
    ) -> Self {
        let drain = Drain::new();
        let mut protocol = http1::Builder::new();
        // A client that has said all it wants to say may close its half and still be answered.
        protocol.half_close(true);
        Self {
            service: Arc::new(Service::new(tally.worker, occupation, drain.draining())),
            tally: Arc::new(tally),
            protocol,
            drain,
            header_within,
            room: Arc::new(Semaphore::new(room)),
        }
    }

    /// Waits until there are descriptors for one more connection.
    pub(super) async fn have_room(&self) {
        // Only the one who waits here takes permits, so this one stays to be had.
        let _available = self.room.acquire().await;
    }

    /// Takes in a connection and serves it until it ends.
    pub(super) fn serve(&self, stream: TcpStream) {
        let open = Arc::new(Open::new(Arc::clone(&self.tally)));
        let service = Arc::clone(&self.service);
        let answer = service_fn({
            let open = Arc::clone(&open);
            move |request| Arc::clone(&service).answer(request, InFlight::new(&open))
        });
        let protocol = self.protocol.clone();
        let draining = self.drain.draining();
        let header_within = self.header_within;
        // None is left for those that come late to a full house; they are served all the same.
        let permit = Arc::clone(&self.room).try_acquire_owned();
        tokio::spawn(async move {
            if let Some(within) = header_within {
                let header = draining.unless_closing(proxy_protocol::take(&stream, within));
                // Whoever does not say whose the connection is, is refused by its end.
                let Some(Ok(_route)) = header.await else {
                    return;
                };
            }
            let mut connection = protocol.serve_connection(TokioIo::new(stream), answer);
            // A client that breaks off, or talks nonsense, ends its own connection only;
            // hyper has answered it as far as there is an answer.
            let _ended = draining.serve(&mut connection).await;
            drop((connection, open, permit));
        });
    }

    /// Lets every connection finish the request it is at, with `connection: close`, and waits
    /// for that until the time is up.
    pub(super) async fn drain(self, within: Duration) {
        let Self { service, drain, .. } = self;
        drop(service);
        drain.run(within).await;
    }
}

/// Where a worker counts.
pub(super) struct Tally {
    worker: usize,
    scoreboard: Scoreboard,
    bells: Bells,
}

impl Tally {
    pub(super) fn new(worker: usize, scoreboard: Scoreboard, bells: Bells) -> Self {
        Self {
            worker,
            scoreboard,
            bells,
        }
    }

    fn slot(&self) -> Slot<'_> {
        self.scoreboard.slot(self.worker)
    }
}

/// A connection, counted while it lives.
struct Open {
    tally: Arc<Tally>,
    settled: AtomicBool,
}

impl Open {
    fn new(tally: Arc<Tally>) -> Self {
        tally.slot().accept();
        let settled = AtomicBool::new(false);
        Self { tally, settled }
    }

    /// Nothing has to be answered any more before the worker counts as done with what it was
    /// given. Tells the dispatchers that wait for that.
    fn settle(&self) {
        if self.settled.swap(true, Relaxed) {
            return;
        }
        self.tally.slot().settle();
        if self.tally.scoreboard.somebody_waits() {
            self.tally.bells.ring();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.settle();
        self.tally.slot().close();
    }
}

/// A request, counted as in flight while it lives and as served afterwards.
pub(super) struct InFlight(Arc<Open>);

impl InFlight {
    fn new(connection: &Arc<Open>) -> Self {
        connection.tally.slot().begin();
        Self(Arc::clone(connection))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.tally.slot().serve();
        self.0.settle();
    }
}
