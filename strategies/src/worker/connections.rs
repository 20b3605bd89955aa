//! The connections that workers hold, and the count of what they ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::identity;
use super::service::Service;
use crate::dispatch::{drain::Draining, proxy_protocol, wake_up::WakeUps};
use crate::view::{Scoreboard, Slot};

/// Serves every connection that is taken in. While one of its clones is there, draining is not
/// over.
#[derive(Clone)]
pub(super) struct Connections {
    service: Arc<Service>,
    tally: Arc<Tally>,
    protocol: http1::Builder,
    draining: Draining,
    header_within: Option<Duration>,
    /// A permit for each connection that there are descriptors for.
    room: Arc<Semaphore>,
}

/// Descriptors for one more connection, until it is dropped; those that come late to a full
/// house have none and are served all the same.
pub(super) type Room = Option<OwnedSemaphorePermit>;

impl Connections {
    pub(super) fn new(
        tally: &Arc<Tally>,
        draining: Draining,
        header_within: Option<Duration>,
        room: usize,
    ) -> Self {
        let mut protocol = http1::Builder::new();
        // A client that has said all it wants to say may close its half and still be answered.
        protocol.half_close(true);
        Self {
            service: Arc::new(Service::new(tally.scoreboard.workers(), draining.clone())),
            tally: Arc::clone(tally),
            protocol,
            draining,
            header_within,
            room: Arc::new(Semaphore::new(room)),
        }
    }

    /// Waits until there are descriptors for one more connection.
    pub(super) async fn room(&self) -> Room {
        let room = Arc::clone(&self.room).acquire_owned().await;
        // It fails only for a semaphore that has been closed, and nobody closes this one.
        room.ok()
    }

    /// Takes in a connection, for the worker that calls this. It is served until it ends by
    /// whoever runs what is returned.
    pub(super) fn serve(
        &self,
        stream: TcpStream,
        room: Room,
    ) -> impl Future<Output = ()> + Send + use<> {
        let open = Arc::new(Open::new(Arc::clone(&self.tally)));
        let service = Arc::clone(&self.service);
        let answer = service_fn({
            let open = Arc::clone(&open);
            move |request| Arc::clone(&service).answer(request, InFlight::new(&open))
        });
        let protocol = self.protocol.clone();
        let draining = self.draining.clone();
        let header_within = self.header_within;
        async move {
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
            drop((connection, open, room));
        }
    }
}

/// Where the workers of a process count.
pub(super) struct Tally {
    scoreboard: Scoreboard,
    bells: WakeUps,
}

impl Tally {
    pub(super) fn new(scoreboard: Scoreboard, bells: WakeUps) -> Self {
        Self { scoreboard, bells }
    }

    /// The same where what one worker begins another may end.
    pub(super) fn among_threads(self) -> Self {
        let scoreboard = self.scoreboard.among_threads();
        Self { scoreboard, ..self }
    }

    pub(super) fn scoreboard(&self) -> &Scoreboard {
        &self.scoreboard
    }
}

/// A connection, counted while it lives.
struct Open {
    tally: Arc<Tally>,
    /// Who has taken it in.
    worker: usize,
    settled: AtomicBool,
}

impl Open {
    fn new(tally: Arc<Tally>) -> Self {
        let worker = identity::current();
        tally.scoreboard.slot(worker).accept();
        Self {
            tally,
            worker,
            settled: AtomicBool::new(false),
        }
    }

    fn slot(&self) -> Slot<'_> {
        self.tally.scoreboard.slot(self.worker)
    }

    /// Nothing has to be answered any more before the worker counts as done with what it was
    /// given. FeedbackMode the dispatchers that wait for that.
    fn settle(&self) {
        if self.settled.swap(true, Relaxed) {
            return;
        }
        self.slot().settle();
        if self.tally.scoreboard.somebody_waits() {
            self.tally.bells.ring();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.settle();
        self.slot().close();
    }
}

/// A request, counted as in flight while it lives and as served afterwards.
pub(super) struct InFlight {
    connection: Arc<Open>,
    worker: usize,
}

impl InFlight {
    fn new(connection: &Arc<Open>) -> Self {
        let request = Self {
            connection: Arc::clone(connection),
            worker: identity::current(),
        };
        request.slot().begin();
        request
    }

    /// Who has begun on it.
    pub(super) fn worker(&self) -> usize {
        self.worker
    }

    fn slot(&self) -> Slot<'_> {
        self.connection.tally.scoreboard.slot(self.worker)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.slot().serve();
        self.connection.settle();
    }
}
