//! The connections of workers.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1::{self, Parts};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::counters::{Counters, InFlight, OpenConnection};
use super::identity;
use super::service::Service;
use super::websocket;
use crate::dispatch::client_watch::ClientWatch;
use crate::dispatch::{drain::Draining, proxy_protocol};
use crate::launch::WorkerConfig;
use crate::view::Notice;

/// Serves connections. Draining lasts until all clones are dropped.
#[derive(Clone)]
pub(super) struct Connections {
    service: Arc<Service>,
    counters: Arc<Counters>,
    protocol: http1::Builder,
    draining: Draining,
    header_within: Option<Duration>,
    watch: Arc<ClientWatch>,
    /// Permits for the connections that the descriptors suffice for.
    room: Arc<Semaphore>,
}

/// Maximum number of bytes that hyper reads before it must be able to process some, and that it collects before
/// it writes. The bodies of our answers are static, so only a client that sends as long a head costs as much.
/// With 64 KiB, an answer of 256 KiB takes half as much CPU again.
const MAX_BUFFER: usize = 256 * 1024;

/// Permission to hold one more connection. A connection that arrives during the shutdown has none and
/// is served anyway.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl Connections {
    pub(super) fn new(
        counters: &Arc<Counters>,
        draining: Draining,
        config: &WorkerConfig,
        room: usize,
    ) -> Self {
        let mut protocol = http1::Builder::new();
        protocol.max_buf_size(MAX_BUFFER);
        // A client may close its sending side after its last request and still gets the answer.
        protocol.half_close(true);
        Self {
            service: Arc::new(Service::new(
                counters.scoreboard.workers(),
                config.generation,
                draining.clone(),
            )),
            counters: Arc::clone(counters),
            protocol,
            draining,
            header_within: config.header_within,
            watch: ClientWatch::new(
                config.client_limits,
                config.connection_limits,
                config.deferred,
            ),
            room: Arc::new(Semaphore::new(room)),
        }
    }

    /// Returns how the worker on the calling thread is to end, if it alone is taken out.
    pub(super) fn notice(&self) -> Option<Notice> {
        self.counters.scoreboard.slot(identity::current()).notice()
    }

    /// Returns all connections.
    pub(super) fn watched(&self) -> Arc<ClientWatch> {
        Arc::clone(&self.watch)
    }

    /// Ends connections whose clients keep this worker waiting. Never returns.
    pub(super) fn sweep(&self) -> impl Future<Output = ()> + Send + use<> {
        Arc::clone(&self.watch).sweep()
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
        let stream = self.watch.watch(stream);
        let progress = Arc::clone(stream.progress());
        let open = Arc::new(OpenConnection::new(Arc::clone(&self.counters), progress));
        let service = Arc::clone(&self.service);
        let answer = service_fn({
            let open = Arc::clone(&open);
            move |request| Arc::clone(&service).answer(request, InFlight::new(&open))
        });
        let protocol = self.protocol.clone();
        let draining = self.draining.clone();
        let header_within = self.header_within;
        async move {
            if open.is_to_reset() {
                // It fails only for a socket that is not open.
                let _set = stream.get_ref().set_zero_linger();
                return;
            }
            if let Some(within) = header_within {
                let header =
                    draining.unless_closing(proxy_protocol::take(stream.get_ref(), within));
                // A connection without a valid header is closed.
                let Some(Ok(_route)) = header.await else {
                    return;
                };
            }
            let mut connection = protocol.serve_connection(TokioIo::new(stream), answer);
            // An error of the client ends its own connection only. hyper has answered it if
            // possible.
            let ended = draining.clone().serve(&mut connection).await;
            if ended.is_ok() && open.is_websocket() {
                let Parts { io, read_buf, .. } = connection.into_parts();
                // On the heap, so that other connections need no room for it.
                Box::pin(websocket::serve(
                    io.into_inner(),
                    read_buf,
                    &open,
                    &draining,
                ))
                .await;
            } else {
                if open.leaks() {
                    // On the heap, as above.
                    Box::pin(draining.unless_begun(open.until_leaks_end())).await;
                }
                drop(connection);
            }
            drop((open, permit));
        }
    }
}
