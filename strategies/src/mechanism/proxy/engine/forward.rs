//! From a client's request to a worker's answer.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use http::header::UPGRADE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use super::ProxySpec;
use super::body::{Answer, Download, Upload};
use super::client::Client;
use super::fields;
use super::lane::Begun;
use super::lease::Lease;
use super::received::Received;
use super::refusal::Refusal;
use super::tunnel::Tunnel;
use super::upstream::Upstream;
use super::workers::Workers;
use crate::policy::{AffinitySource, Arrival};

/// How often idle connections are looked through. One that nothing needed from one look to the
/// next is closed, so after at most twice that time: before the 5 seconds after which Node and
/// Apache close it themselves by default, perhaps as a request is on its way.
const SWEEP_EVERY: Duration = Duration::from_secs(2);

/// What all clients share.
pub(super) struct Proxy {
    pub(super) workers: Rc<Workers>,
    pub(super) affinity_source: AffinitySource,
    /// Where plain answers come in.
    pub(super) received: RefCell<Received>,
    pub(super) header_within: Option<Duration>,
    connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    /// `Host` of a request that is too old to have one.
    default_host: HeaderValue,
}

/// The head of a worker's answer, and what its body comes by.
type Answered = (Response<Incoming>, Upstream, Lease);

/// What became of a request that a worker was picked for and did not answer.
enum Missed {
    /// No connection could be made, so it was not sent.
    Unreachable(Request<Upload>),
    /// This worker closed the connection; the request if it was not sent.
    Closed(usize, Option<Request<Upload>>),
    /// No other worker would help.
    Refused(Refusal),
}

impl Proxy {
    pub(super) fn new(spec: ProxySpec, address: Option<SocketAddr>) -> Self {
        let address = address.map(|address| address.to_string());
        Self {
            affinity_source: spec.policy.affinity_source(),
            received: RefCell::new(Received::new()),
            workers: Rc::new(Workers::new(spec.upstreams, spec.policy)),
            header_within: spec.header_within,
            connect_timeout: spec.connect_timeout,
            answer_timeout: spec.answer_timeout,
            default_host: address
                .and_then(|address| HeaderValue::try_from(address).ok())
                .unwrap_or(HeaderValue::from_static("")),
        }
    }

    /// Closes connections to workers that are more than it takes, for ever.
    pub(super) async fn sweep(self: Rc<Self>) {
        let mut rounds = interval(SWEEP_EVERY);
        loop {
            rounds.tick().await;
            self.workers.sweep();
        }
    }

    /// A worker's answer to the request, made ready for the client.
    pub(super) async fn forward(
        &self,
        client: &Client,
        request: Request<Incoming>,
    ) -> Result<Response<Answer>, Refusal> {
        let begun = client.begun.take();
        if let Some(Begun::Refused(refusal)) = begun {
            return Err(refusal);
        }
        if request.method() == Method::CONNECT {
            return Err(Refusal::Connect);
        }
        let mut request = request.map(|body| Upload::new(body, &client.uploaded));
        let affinity_key = self.affinity_source.key(request.headers());
        fields::prepare_request(&mut request, &self.default_host, &client.address_field)?;
        let asks_upgrade = request.headers().contains_key(UPGRADE);
        let arrival = Arrival {
            client: client.address,
            at: self.workers.now(),
            affinity_key,
        };
        let asked = pin!(self.ask(&arrival, request, begun));
        let answered = within(self.answer_timeout, &client.uploaded, asked).await;
        let (mut response, upstream, lease) = answered.ok_or(Refusal::Silent)??;
        fields::prepare_response(&mut response)?;
        let worker = lease.worker();
        self.affinity_source
            .tell(affinity_key, worker, response.headers_mut());
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS if asks_upgrade => {
                let (stream, early) = upstream.into_stream().await.ok_or(Refusal::Closed)?;
                client.tunnel.replace(Some(Tunnel {
                    stream,
                    early,
                    lease,
                }));
                Ok(response.map(|_| Answer::Own(None)))
            }
            StatusCode::SWITCHING_PROTOCOLS => Err(Refusal::Answer),
            _ => Ok(response.map(|body| Answer::Worker(Download::new(body, upstream, lease)))),
        }
    }

    /// Asks workers until one answers.
    ///
    /// One that cannot be connected to makes room for the next. One that closed the connection
    /// is made good for once, and only where that cannot do a thing twice: nothing was sent, or
    /// it is idempotent (RFC 9110 §9.2.2) and has no body. The first may have been asked already.
    async fn ask(
        &self,
        arrival: &Arrival,
        mut request: Request<Upload>,
        begun: Option<Begun>,
    ) -> Result<Answered, Refusal> {
        let mut spare = copy(&request);
        let (mut asked, mut failed) = match begun {
            Some(Begun::Asked(lease, upstream)) => (Some((lease, upstream)), None),
            Some(Begun::Failed(worker)) => (None, Some(worker)),
            Some(Begun::Refused(_)) | None => (None, None),
        };
        loop {
            let answered = if let Some((lease, upstream)) = asked.take() {
                exchange(lease, upstream, request).await
            } else {
                let lease = self.workers.lease(arrival, failed).await;
                let lease = lease.ok_or(Refusal::NoWorker)?;
                self.ask_worker(lease, request).await
            };
            match answered {
                Ok(answered) => return Ok(answered),
                Err(Missed::Unreachable(unsent)) => request = unsent,
                Err(Missed::Closed(worker, unsent)) if failed.is_none() => {
                    let again = unsent.or_else(|| spare.take());
                    request = again.ok_or(Refusal::Closed)?;
                    failed = Some(worker);
                }
                Err(Missed::Closed(..)) => return Err(Refusal::Closed),
                Err(Missed::Refused(refusal)) => return Err(refusal),
            }
        }
    }

    /// Asks the worker of the lease, by a connection that is kept alive or a new one.
    async fn ask_worker(
        &self,
        lease: Lease,
        mut request: Request<Upload>,
    ) -> Result<Answered, Missed> {
        while let Some(mut upstream) = lease.take_idle().await {
            match upstream.exchange(request).await {
                Ok(response) => return Ok((response, upstream, lease)),
                Err(mut error) => match error.take_message() {
                    // The worker has closed it while it was idle, as it may.
                    Some(unsent) => request = unsent,
                    None => return Err(missed(&lease, None, &error.into_error())),
                },
            }
        }
        let stream = match self.connect(&lease).await {
            Ok(stream) => stream,
            Err(error) if is_the_workers(error) => {
                lease.pass_over();
                return Err(Missed::Unreachable(request));
            }
            Err(_) => return Err(Missed::Refused(Refusal::Exhausted)),
        };
        match Upstream::new(stream).await {
            Ok(upstream) => exchange(lease, upstream, request).await,
            Err(_) => Err(Missed::Closed(lease.worker(), Some(request))),
        }
    }

    /// A new connection to the worker of the lease.
    pub(super) async fn connect(&self, lease: &Lease) -> Result<TcpStream, ErrorKind> {
        match self.connect_once(lease).await {
            // A shortage on this side: what is idle elsewhere makes room.
            Err(error) if !is_the_workers(error) => {
                self.workers.close_idle();
                self.connect_once(lease).await
            }
            connected => connected,
        }
    }

    async fn connect_once(&self, lease: &Lease) -> Result<TcpStream, ErrorKind> {
        let connected = timeout(self.connect_timeout, TcpStream::connect(lease.address())).await;
        let stream = connected.map_err(|_| ErrorKind::TimedOut)?;
        let stream = stream.map_err(|error| error.kind())?;
        stream.set_nodelay(true).map_err(|error| error.kind())?;
        Ok(stream)
    }
}

/// Asks a worker by a connection that it has just accepted, or on which it was asked just now.
async fn exchange(
    lease: Lease,
    mut upstream: Upstream,
    request: Request<Upload>,
) -> Result<Answered, Missed> {
    match upstream.exchange(request).await {
        Ok(response) => Ok((response, upstream, lease)),
        Err(mut error) => {
            let unsent = error.take_message();
            Err(missed(&lease, unsent, &error.into_error()))
        }
    }
}

/// The request once more, if it may be sent twice.
fn copy(request: &Request<Upload>) -> Option<Request<Upload>> {
    if !request.method().is_idempotent() || !request.body().is_end_stream() {
        return None;
    }
    let mut copy = Request::new(Upload::none());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    Some(copy)
}

/// What the end of a connection without an answer means for the request.
fn missed(lease: &Lease, unsent: Option<Request<Upload>>, error: &hyper::Error) -> Missed {
    if error.is_user() {
        Missed::Refused(Refusal::Upload)
    } else if error.is_parse() {
        Missed::Refused(Refusal::Answer)
    } else {
        Missed::Closed(lease.worker(), unsent)
    }
}

/// Whether a connect failed by the worker, and not by a shortage on this side.
pub(super) const fn is_the_workers(error: ErrorKind) -> bool {
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

/// What `work` comes to, or `None` where nothing happens for `patience`: it is not done, and
/// `progress` has not changed either.
async fn within<T>(
    patience: Duration,
    progress: &Cell<u64>,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    loop {
        let before = progress.get();
        match timeout(patience, work.as_mut()).await {
            Ok(done) => return Some(done),
            Err(_) if progress.get() != before => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn patience_begins_anew_with_every_piece_of_an_upload() {
        let progress = Cell::new(0);
        let upload = async {
            for piece in 1..10 {
                sleep(PATIENCE / 2).await;
                progress.set(piece);
            }
        };
        assert_eq!(within(PATIENCE, &progress, pin!(upload)).await, Some(()));
    }

    #[tokio::test]
    async fn patience_ends_where_nothing_happens() {
        let silence = std::future::pending::<()>();
        assert_eq!(within(PATIENCE, &Cell::new(0), pin!(silence)).await, None);
    }
}
