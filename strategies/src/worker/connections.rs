//! The connections of workers, and the counters of connections and requests.

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

/// Serves connections. Draining lasts until all clones are dropped.
#[derive(Clone)]
pub(super) struct Connections {
    service: Arc<Service>,
    counters: Arc<Counters>,
    protocol: http1::Builder,
    draining: Draining,
    header_within: Option<Duration>,
    /// Permits for the connections that the descriptors suffice for.
    room: Arc<Semaphore>,
}

/// Permission to hold one more connection. A connection that arrives during the shutdown has none and
/// is served anyway.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Connections {
    pub(super) fn new(
        counters: &Arc<Counters>,
        draining: Draining,
        header_within: Option<Duration>,
        room: usize,
    ) -> Self {
        let mut protocol = http1::Builder::new();
        // A client may close its sending side after its last request and still gets the answer.
        protocol.half_close(true);
        Self {
            service: Arc::new(Service::new(
                counters.scoreboard.workers(),
                draining.clone(),
            )),
            counters: Arc::clone(counters),
            protocol,
            draining,
            header_within,
            room: Arc::new(Semaphore::new(room)),
        }
    }

    /// Waits until the descriptors suffice for one more connection.
    pub(super) async fn permit(&self) -> Permit {
        // It fails only for a closed semaphore, and this one is never closed.
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// Counts a connection for the calling worker, and returns a future that serves it to its end.
    pub(super) fn serve(
        &self,
        stream: TcpStream,
        permit: Permit,
    ) -> impl Future<Output = ()> + Send + use<> {
        let open = Arc::new(OpenConnection::new(Arc::clone(&self.counters)));
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
                // A connection without a valid header is closed.
                let Some(Ok(_route)) = header.await else {
                    return;
                };
            }
            let mut connection = protocol.serve_connection(TokioIo::new(stream), answer);
            // An error of the client ends its own connection only. hyper has answered it if
            // possible.
            let _ended = draining.serve(&mut connection).await;
            drop((connection, open, permit));
        }
    }
}

/// The counters of the workers of a process, and the wake-ups of the dispatchers.
pub(super) struct Counters {
    scoreboard: Scoreboard,
    wake_ups: WakeUps,
}

impl Counters {
    pub(super) fn new(scoreboard: Scoreboard, wake_ups: WakeUps) -> Self {
        Self {
            scoreboard,
            wake_ups,
        }
    }

    /// Allows one worker to finish what another has started.
    pub(super) fn among_threads(self) -> Self {
        let scoreboard = self.scoreboard.among_threads();
        Self { scoreboard, ..self }
    }

    pub(super) fn scoreboard(&self) -> &Scoreboard {
        &self.scoreboard
    }
}

/// A connection, which counts as open until this is dropped.
struct OpenConnection {
    counters: Arc<Counters>,
    /// The worker that has accepted it.
    worker: usize,
    settled: AtomicBool,
}

impl OpenConnection {
    fn new(counters: Arc<Counters>) -> Self {
        let worker = identity::current();
        counters.scoreboard.slot(worker).accept();
        Self {
            counters,
            worker,
            settled: AtomicBool::new(false),
        }
    }

    fn slot(&self) -> Slot<'_> {
        self.counters.scoreboard.slot(self.worker)
    }

    /// Counts the arrival as answered, after its first request or at its end, and wakes the dispatchers
    /// that wait for that.
    fn settle(&self) {
        if self.settled.swap(true, Relaxed) {
            return;
        }
        self.slot().settle();
        if self.counters.scoreboard.has_waiting_dispatcher() {
            self.counters.wake_ups.wake_all();
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.settle();
        self.slot().close();
    }
}

/// A request, counted as in flight while it lives and as served afterwards.
pub(super) struct InFlight {
    connection: Arc<OpenConnection>,
    worker: usize,
}

impl InFlight {
    fn new(connection: &Arc<OpenConnection>) -> Self {
        let request = Self {
            connection: Arc::clone(connection),
            worker: identity::current(),
        };
        request.slot().begin();
        request
    }

    /// Returns the number of the worker that handles it.
    pub(super) fn worker(&self) -> usize {
        self.worker
    }

    fn slot(&self) -> Slot<'_> {
        self.connection.counters.scoreboard.slot(self.worker)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.slot().serve();
        self.connection.settle();
    }
}
