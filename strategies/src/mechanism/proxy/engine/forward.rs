//! The slow path: from a client's request to a worker's answer, through hyper.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::header::UPGRADE;
use http::{Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::response_body::{ResponseBody, WorkerBody};
use super::shared::{Proxy, is_worker_failure};
use super::{
    attempt::Attempt, client::Client, error::ProxyError, fields, lease::Lease,
    request_body::RequestBody,
};
use super::{tunnel::Tunnel, worker_connection::WorkerConnection};
use crate::policy::Arrival;

/// The head of a worker's answer, and the connection that its body arrives on.
type Answer = (Response<Incoming>, WorkerConnection, Lease);

/// Why a worker did not answer a request.
enum WorkerError {
    /// No connection could be made, so the request was not sent.
    Unreachable(Request<RequestBody>),
    /// The worker closed the connection. Contains the request if it was not sent.
    Closed(Option<Request<RequestBody>>),
    /// Another worker would not help.
    Final(ProxyError),
}

impl Proxy {
    /// Forwards a request, and returns a worker's answer, prepared for the client.
    pub(super) async fn forward(
        &self,
        client: &Client,
        mut request: Request<Incoming>,
    ) -> Result<Response<ResponseBody>, ProxyError> {
        let attempt = client.attempt.take();
        if let Some(Attempt::Failed(error)) = attempt {
            return Err(error);
        }
        let affinity_key = self.affinity_source.key(request.headers());
        client
            .interim_answers
            .collect(request.version(), &mut request);
        let named =
            fields::prepare_request(&mut request, &self.default_host, &client.address_field)?;
        let request = request.map(|body| RequestBody::new(body, &client.uploaded, named));
        let asks_upgrade = request.headers().contains_key(UPGRADE);
        let arrival = Arrival {
            client: client.address,
            at: self.upstreams.queue.now(),
            affinity_key,
        };
        let answer = pin!(self.send(&arrival, request, attempt));
        let answer = within(self.answer_timeout, &client.uploaded, answer).await;
        let (mut response, connection, lease) = answer.ok_or(ProxyError::Timeout)??;
        let named = fields::prepare_response(&mut response)?;
        let worker = lease.worker;
        self.affinity_source
            .set_cookie(affinity_key, worker, response.headers_mut());
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS if asks_upgrade => {
                let stream = connection.into_stream().await;
                let (stream, early) = stream.ok_or(ProxyError::WorkerClosed)?;
                client.tunnel.replace(Some(Tunnel {
                    stream,
                    early,
                    lease,
                }));
                Ok(response.map(|_| ResponseBody::Own(None)))
            }
            StatusCode::SWITCHING_PROTOCOLS => Err(ProxyError::InvalidAnswer),
            _ => Ok(response
                .map(|body| ResponseBody::Worker(WorkerBody::new(body, connection, lease, named)))),
        }
    }

    /// Sends the request to one worker after the other, until one answers.
    ///
    /// A worker that cannot be connected to is skipped. After a worker has closed the connection,
    /// the request is sent once more, but only if that cannot have an effect twice: if nothing was
    /// sent, or if the request is idempotent (RFC 9110 §9.2.2) and has no body. A kept connection may
    /// close at any time, which says nothing about its worker, so the worker is asked again; after a
    /// new connection another worker is. Neither is on a kept connection, which could be closed too.
    /// The fast path may have sent the request already.
    async fn send(
        &self,
        arrival: &Arrival,
        mut request: Request<RequestBody>,
        attempt: Option<Attempt>,
    ) -> Result<Answer, ProxyError> {
        let mut spare = copy(&request);
        let mut retried = matches!(attempt, Some(Attempt::Stale(_) | Attempt::Closed(_)));
        let mut only_new = retried;
        let (mut assigned, mut answering, mut failed) = match attempt {
            Some(Attempt::Answering(lease, connection)) => (Some(lease), Some(connection), None),
            Some(Attempt::Stale(lease)) => (Some(lease), None, None),
            Some(Attempt::Closed(worker)) => (None, None, Some(worker)),
            Some(Attempt::Failed(_)) | None => (None, None, None),
        };
        loop {
            let lease = match assigned.take() {
                Some(lease) => lease,
                None => self.lease(arrival, failed).await?,
            };
            let kept = match answering.take() {
                None if !only_new => lease.pool().take().await,
                answering => answering,
            };
            let is_kept = kept.is_some();
            match self.exchange(&lease, kept, request).await {
                Ok((response, connection)) => return Ok((response, connection, lease)),
                Err(WorkerError::Final(error)) => return Err(error),
                Err(WorkerError::Unreachable(unsent)) => {
                    lease.pass_over();
                    request = unsent;
                }
                Err(WorkerError::Closed(unsent)) => {
                    let is_attempt = unsent.is_none() || !is_kept;
                    if is_attempt && std::mem::replace(&mut retried, true) {
                        return Err(ProxyError::WorkerClosed);
                    }
                    let again = unsent.or_else(|| spare.take());
                    request = again.ok_or(ProxyError::WorkerClosed)?;
                    only_new = true;
                    match is_kept {
                        true => assigned = Some(lease),
                        false => failed = Some(lease.worker),
                    }
                }
            }
        }
    }

    /// Waits for a worker other than the one that has failed the request.
    async fn lease(&self, arrival: &Arrival, failed: Option<usize>) -> Result<Lease, ProxyError> {
        let lease = Lease::acquire(&self.upstreams, arrival, failed).await;
        lease.ok_or(match failed {
            None => ProxyError::NoWorker,
            Some(_) => ProxyError::WorkerClosed,
        })
    }

    /// Sends the request to the worker of the lease: on a kept connection, or on one that already
    /// carries this request, or on a new one.
    async fn exchange(
        &self,
        lease: &Lease,
        kept: Option<WorkerConnection>,
        request: Request<RequestBody>,
    ) -> Result<(Response<Incoming>, WorkerConnection), WorkerError> {
        let mut connection = match kept {
            Some(connection) => connection,
            None => match self.connect(lease).await {
                Ok(stream) => match WorkerConnection::new(stream).await {
                    Ok(connection) => connection,
                    Err(_) => return Err(WorkerError::Closed(Some(request))),
                },
                Err(error) if is_worker_failure(error) => {
                    return Err(WorkerError::Unreachable(request));
                }
                Err(_) => return Err(WorkerError::Final(ProxyError::NoPortOrDescriptor)),
            },
        };
        match connection.exchange(request).await {
            Ok(response) => Ok((response, connection)),
            Err(mut error) => Err(match error.take_message() {
                Some(unsent) => WorkerError::Closed(Some(unsent)),
                None => worker_error(&error.into_error()),
            }),
        }
    }
}

/// Returns a copy of the request if it may be sent twice.
fn copy(request: &Request<RequestBody>) -> Option<Request<RequestBody>> {
    if !request.method().is_idempotent() || !request.body().is_end_stream() {
        return None;
    }
    let mut copy = Request::new(RequestBody::empty());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    // hyper's callback for interim answers is there.
    copy.extensions_mut().clone_from(request.extensions());
    Some(copy)
}

/// Classifies the end of a connection on which a request was sent.
fn worker_error(error: &hyper::Error) -> WorkerError {
    if error.is_user() {
        WorkerError::Final(ProxyError::BrokenUpload)
    } else if error.is_parse() {
        WorkerError::Final(ProxyError::InvalidAnswer)
    } else {
        WorkerError::Closed(None)
    }
}

/// Waits for `work`. Returns `None` if a whole `limit` passes in which it does not finish and
/// `progress` does not change.
async fn within<T>(
    limit: Duration,
    progress: &Cell<u64>,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    loop {
        let before = progress.get();
        match timeout(limit, work.as_mut()).await {
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

    const LIMIT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn each_piece_of_an_upload_restarts_the_time_limit() {
        let progress = Cell::new(0);
        let upload = async {
            for piece in 1..10 {
                sleep(LIMIT / 2).await;
                progress.set(piece);
            }
        };
        assert_eq!(within(LIMIT, &progress, pin!(upload)).await, Some(()));
    }

    #[tokio::test]
    async fn the_time_limit_ends_work_without_progress() {
        let silence = std::future::pending::<()>();
        assert_eq!(within(LIMIT, &Cell::new(0), pin!(silence)).await, None);
    }
}
