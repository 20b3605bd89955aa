//! The slow path: from a client's request to a worker's answer, through hyper.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::header::UPGRADE;
use http::{HeaderName, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::response_body::{ResponseBody, WorkerBody};
use super::shared::Proxy;
use super::{
    attempt::Attempt, client::Client, error::ProxyError, fields, lease::Lease, next::Next,
    request_body::RequestBody,
};
use super::{tries::Tried, tunnel::Tunnel, worker_connection::WorkerConnection};
use crate::policy::Arrival;

/// The head of a worker's answer, and the connection that its body arrives on.
type Answer = (Response<Incoming>, WorkerConnection, Lease);

/// Why a worker did not answer a request.
pub(super) enum WorkerError {
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
            let (life, begin) = (lease.worker.life, lease.begin);
            let spare = next.spare_for_hedge();
            let first = (life, self.try_worker(lease, kept, request));
            let race = self.race(arrival, first, next.is_late, spare);
            let tried = (self.guard).try_uploading(&client.uploaded, race).await;
            let Some(Tried {
                lease,
                is_kept,
                result,
            }) = tried
            else {
                self.upstreams.queue.report(life, || true);
                request = next.after_timeout(life)?;
                continue;
            };
            request = match result {
                Ok((response, connection)) => {
                    self.guard.answered(|| begin.elapsed());
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
                Err(WorkerError::Final(error)) => return Err(error),
                Err(WorkerError::Unreachable(unsent)) => {
                    lease.pass_over();
                    unsent
                }
                Err(WorkerError::Closed(unsent)) => next.after_end(lease, is_kept, unsent)?,
            };
        }
    }

    /// Waits for a worker other than the one that has failed the request.
    async fn lease(&self, arrival: &Arrival, next: &Next<'_>) -> Result<Lease, ProxyError> {
        let lease = Lease::acquire(&self.upstreams, arrival, next.failed).await;
        lease.ok_or(next.error)
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
