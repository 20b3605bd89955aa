//! The slow path: from a client's request to a worker's answer, through hyper.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, Request, Response, StatusCode};
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

/// Why the picked worker did not answer a request.
enum WorkerError {
    /// No connection could be made, so the request was not sent.
    Unreachable(Request<RequestBody>),
    /// The worker of this number closed the connection. Contains the request if it was not sent.
    Closed(usize, Option<Request<RequestBody>>),
    /// Another worker would not help.
    Final(ProxyError),
}

impl Proxy {
    /// Forwards a request, and returns a worker's answer, prepared for the client.
    pub(super) async fn forward(
        &self,
        client: &Client,
        request: Request<Incoming>,
    ) -> Result<Response<ResponseBody>, ProxyError> {
        let attempt = client.attempt.take();
        if let Some(Attempt::Failed(error)) = attempt {
            return Err(error);
        }
        if request.method() == Method::CONNECT {
            return Err(ProxyError::Connect);
        }
        let mut request = request.map(|body| RequestBody::new(body, &client.uploaded));
        let affinity_key = self.affinity_source.key(request.headers());
        fields::prepare_request(&mut request, &self.default_host, &client.address_field)?;
        let asks_upgrade = request.headers().contains_key(UPGRADE);
        let arrival = Arrival {
            client: client.address,
            at: self.upstreams.queue.now(),
            affinity_key,
        };
        let answer = pin!(self.send(&arrival, request, attempt));
        let answer = within(self.answer_timeout, &client.uploaded, answer).await;
        let (mut response, connection, lease) = answer.ok_or(ProxyError::Timeout)??;
        fields::prepare_response(&mut response)?;
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
            _ => {
                Ok(response
                    .map(|body| ResponseBody::Worker(WorkerBody::new(body, connection, lease))))
            }
        }
    }

    /// Sends the request to one worker after the other, until one answers.
    ///
    /// A worker that cannot be connected to is skipped. After a worker has closed the connection,
    /// the request is sent once more, but only if that cannot have an effect twice: if nothing was
    /// sent, or if the request is idempotent (RFC 9110 §9.2.2) and has no body. The fast path may
    /// have sent the request already.
    async fn send(
        &self,
        arrival: &Arrival,
        mut request: Request<RequestBody>,
        attempt: Option<Attempt>,
    ) -> Result<Answer, ProxyError> {
        let mut spare = copy(&request);
        let (mut answering, mut failed) = match attempt {
            Some(Attempt::Answering(lease, connection)) => (Some((lease, connection)), None),
            Some(Attempt::Closed(worker)) => (None, Some(worker)),
            Some(Attempt::Failed(_)) | None => (None, None),
        };
        loop {
            let answer = if let Some((lease, connection)) = answering.take() {
                exchange(lease, connection, request).await
            } else {
                let lease = Lease::acquire(&self.upstreams, arrival, failed).await;
                let lease = lease.ok_or(ProxyError::NoWorker)?;
                self.send_to(lease, request).await
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(WorkerError::Unreachable(unsent)) => request = unsent,
                Err(WorkerError::Closed(worker, unsent)) if failed.is_none() => {
                    let again = unsent.or_else(|| spare.take());
                    request = again.ok_or(ProxyError::WorkerClosed)?;
                    failed = Some(worker);
                }
                Err(WorkerError::Closed(..)) => return Err(ProxyError::WorkerClosed),
                Err(WorkerError::Final(error)) => return Err(error),
            }
        }
    }

    /// Sends the request to the worker of the lease, on an idle connection or a new one.
    async fn send_to(
        &self,
        lease: Lease,
        mut request: Request<RequestBody>,
    ) -> Result<Answer, WorkerError> {
        while let Some(mut connection) = lease.pool().take().await {
            match connection.exchange(request).await {
                Ok(response) => return Ok((response, connection, lease)),
                Err(mut error) => match error.take_message() {
                    // The worker closed the connection while it was idle, which is allowed.
                    Some(unsent) => request = unsent,
                    None => return Err(worker_error(&lease, None, &error.into_error())),
                },
            }
        }
        let stream = match self.connect(&lease).await {
            Ok(stream) => stream,
            Err(error) if is_worker_failure(error) => {
                lease.pass_over();
                return Err(WorkerError::Unreachable(request));
            }
            Err(_) => return Err(WorkerError::Final(ProxyError::NoPortOrDescriptor)),
        };
        match WorkerConnection::new(stream).await {
            Ok(connection) => exchange(lease, connection, request).await,
            Err(_) => Err(WorkerError::Closed(lease.worker, Some(request))),
        }
    }
}

/// Sends a request on a connection that the worker has just accepted, or that already carries this
/// request.
async fn exchange(
    lease: Lease,
    mut connection: WorkerConnection,
    request: Request<RequestBody>,
) -> Result<Answer, WorkerError> {
    match connection.exchange(request).await {
        Ok(response) => Ok((response, connection, lease)),
        Err(mut error) => {
            let unsent = error.take_message();
            Err(worker_error(&lease, unsent, &error.into_error()))
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
    Some(copy)
}

/// Classifies the end of a connection without an answer.
fn worker_error(
    lease: &Lease,
    unsent: Option<Request<RequestBody>>,
    error: &hyper::Error,
) -> WorkerError {
    if error.is_user() {
        WorkerError::Final(ProxyError::BrokenUpload)
    } else if error.is_parse() {
        WorkerError::Final(ProxyError::InvalidAnswer)
    } else {
        WorkerError::Closed(lease.worker, unsent)
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
