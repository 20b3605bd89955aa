//! What all clients of a proxy share.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use super::worker_connection::FIRST_PIECE;
use super::{
    ProxySpec, guard::Guard, lease::Lease, pool::Pool, pool::Upstreams, read_buffer::ReadBuffer,
};
use crate::dispatch::client_watch::ClientWatch;
use crate::dispatch::health::Health;
use crate::policy::AffinitySource;

/// How often idle connections to workers are examined. A connection that no request used between
/// two sweeps is closed, so after at most twice this time. That is before the 5 seconds after
/// which Node and Apache close idle connections by default, which could hit a request on its way.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// Bytes of each piece on the fast path but the first. They are copied for nothing if the client's kernel does not take them. With half as
/// much, an answer of 256 KiB takes some 8% more CPU.
const PIECE: usize = 128 * 1024;

pub(super) struct Proxy {
    pub(super) upstreams: Rc<Upstreams>,
    pub(super) affinity_source: AffinitySource,
    /// Buffer for the first pieces of answers on the fast path. All connections share it, since nothing stays
    /// in it.
    pub(super) answer_buffer: RefCell<ReadBuffer>,
    /// The same for the [other pieces](super::rest).
    pub(super) piece_buffer: RefCell<Box<[u8]>>,
    pub(super) header_within: Option<Duration>,
    /// All connections with clients.
    pub(super) watch: Arc<ClientWatch>,
    pub(super) guard: Guard,
    connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    /// `Host` for HTTP/1.0 requests, which may come without one.
    pub(super) default_host: HeaderValue,
}

impl Proxy {
    /// Creates a proxy with a number of places for workers. If the number of workers `may_grow`, requests
    /// wait while no worker is available.
    pub(super) fn new(
        spec: ProxySpec,
        places: usize,
        may_grow: bool,
        address: Option<SocketAddr>,
    ) -> Self {
        let address = address.map(|address| address.to_string());
        Self {
            affinity_source: spec.policy.affinity_source(),
            answer_buffer: RefCell::new(ReadBuffer::new(FIRST_PIECE)),
            piece_buffer: RefCell::new(vec![0; PIECE].into()),
            upstreams: Rc::new(Upstreams::new(
                spec.policy,
                places,
                &spec.upstreams,
                may_grow,
                Health::of(&spec.defences, places, spec.journal.as_ref()),
            )),
            header_within: spec.header_within,
            watch: ClientWatch::new(spec.client_limits, spec.connection_limits, false),
            guard: Guard::new(&spec.defences, spec.journal),
            connect_timeout: spec.connect_timeout,
            answer_timeout: spec.answer_timeout,
            default_host: address
                .and_then(|address| HeaderValue::try_from(address).ok())
                .unwrap_or(HeaderValue::from_static("")),
        }
    }

    /// Closes unused connections to workers from time to time. Never returns.
    pub(super) async fn sweep(self: Rc<Self>) {
        let mut rounds = interval(SWEEP_EVERY);
        loop {
            rounds.tick().await;
            self.upstreams.for_each_kept(Pool::sweep);
        }
    }

    pub(super) async fn connect(&self, lease: &Lease) -> Result<TcpStream, ErrorKind> {
        match self.connect_once(lease).await {
            // This host has no port or descriptor left. Closing idle connections frees some.
            Err(error) if !is_worker_failure(error) => {
                self.upstreams.for_each_kept(Pool::clear);
                self.connect_once(lease).await
            }
            connected => connected,
        }
    }

    async fn connect_once(&self, lease: &Lease) -> Result<TcpStream, ErrorKind> {
        let connecting = lease.worker.connect().map_err(|error| error.kind())?;
        let connected = timeout(
            self.connect_timeout,
            TcpStream::connect(connecting.address()),
        )
        .await;
        let stream = connected.map_err(|_| ErrorKind::TimedOut)?;
        let stream = stream.map_err(|error| error.kind())?;
        stream.set_nodelay(true).map_err(|error| error.kind())?;
        Ok(stream)
    }
}

/// Whether the worker caused a failed connect, and not a shortage on this host.
pub(super) const fn is_worker_failure(error: ErrorKind) -> bool {
    matches!(
        error,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::TimedOut
    )
}
