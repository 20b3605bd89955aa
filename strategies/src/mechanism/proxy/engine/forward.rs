//! The slow path: from a client's request to a worker's answer, through hyper.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::header::UPGRADE;
use http::{HeaderName, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::response_body::{ResponseBody, WorkerBody};
use super::shared::{Proxy, is_worker_failure};
use super::{
    attempt::Attempt, client::Client, error::ProxyError, fields, lease::Lease, next::Next,
    request_body::RequestBody,
};
use super::{tunnel::Tunnel, worker_connection::WorkerConnection};
use crate::defence::is_failure;
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
        let body = |body| RequestBody::new(body, &client.uploaded, &client.progress, named);
        let request = request.map(body);
        let asks_upgrade = request.headers().contains_key(UPGRADE);
        let arrival = Arrival {
            client: client.address,
            at: self.upstreams.queue.now(),
            affinity_key,
        };
        if attempt.is_none() {
            self.guard.request(arrival.at);
        }
        let answer = pin!(self.send(client, &arrival, request, attempt));
        let answer = within(self.answer_timeout, &client.uploaded, answer).await;
        let mut answer = answer.ok_or(ProxyError::Timeout)??;
        let named = fields::prepare_response(&mut answer.0)?;
        let (response, _, lease) = &mut answer;
        self.affinity_source.set_cookie(
            affinity_key,
            lease.worker.life.place,
            response.headers_mut(),
        );
        deliver(client, answer, named, asks_upgrade).await
    }

    /// Sends the request to one worker after the other, until one answers. A worker that cannot be
    /// connected to is skipped. [`Next`] decides what follows a try that has failed.
    async fn send(
        &self,
        client: &Client,
        arrival: &Arrival,
        mut request: Request<RequestBody>,
        attempt: Option<Attempt>,
    ) -> Result<Answer, ProxyError> {
        let mut next = Next::after(self, attempt, &request)?;
        loop {
            let lease = match next.lease.take() {
                Some(lease) => lease,
                None => self.lease(arrival, &next).await?,
            };
            next.begin();
            let kept = match next.answering.take() {
                None if next.may_be_kept() => lease.pool().take().await,
                answering => answering,
            };
            let is_kept = kept.is_some();
            let exchange = self.exchange(&lease, kept, request);
            let tried = (self.guard).try_uploading(&client.uploaded, exchange).await;
            report(&lease, is_kept, tried.as_ref());
            request = match tried {
                Some(Ok((response, connection))) => {
                    let failed = next.after_answer(&response, &lease);
                    let other = match &failed {
                        Some(_) => Lease::acquire(&self.upstreams, arrival, next.failed).await,
                        None => None,
                    };
                    match (failed, other) {
                        (Some(again), Some(other)) => {
                            next.lease = Some(other);
                            again
                        }
                        _ => return Ok((response, connection, lease)),
                    }
                }
                Some(Err(WorkerError::Final(error))) => return Err(error),
                Some(Err(WorkerError::Unreachable(unsent))) => {
                    lease.pass_over();
                    unsent
                }
                Some(Err(WorkerError::Closed(unsent))) => next.after_end(lease, is_kept, unsent)?,
                None => next.after_timeout(lease.worker.life)?,
            };
        }
    }

    /// Waits for a worker other than the one that has failed the request.
    async fn lease(&self, arrival: &Arrival, next: &Next<'_>) -> Result<Lease, ProxyError> {
        let lease = Lease::acquire(&self.upstreams, arrival, next.failed).await;
        lease.ok_or(next.error)
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

/// Returns what the client's connection sends: the answer of a worker, or the beginning of a tunnel.
async fn deliver(
    client: &Client,
    (response, connection, lease): Answer,
    named: Vec<HeaderName>,
    asks_upgrade: bool,
) -> Result<Response<ResponseBody>, ProxyError> {
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

/// Reports whether the worker has failed a try. The end of a kept connection says nothing about it, nor does a
/// broken upload; a connect that failed is reported as the worker is passed over.
fn report<T>(
    lease: &Lease,
    is_kept: bool,
    tried: Option<&Result<(Response<T>, WorkerConnection), WorkerError>>,
) {
    match tried {
        Some(Ok((response, _))) => lease.report(|| is_failure(response.status().as_u16())),
        Some(Err(WorkerError::Closed(_))) if is_kept => {}
        Some(Err(WorkerError::Closed(_) | WorkerError::Final(ProxyError::InvalidAnswer)))
        | None => {
            lease.report(|| true);
        }
        Some(Err(WorkerError::Unreachable(_) | WorkerError::Final(_))) => {}
    }
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
pub(super) async fn within<T>(
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
