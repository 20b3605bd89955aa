//! Tries of a request: one at a time, or two that race.

use std::pin::pin;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::select;

use super::forward::WorkerError;
use super::shared::{Proxy, is_worker_failure};
use super::{
    error::ProxyError, lease::Lease, request_body::RequestBody, worker_connection::WorkerConnection,
};
use crate::defence::{Count, is_failure};
use crate::policy::Arrival;
use crate::view::Life;

/// A try that is over.
pub(super) struct Tried {
    pub(super) lease: Lease,
    /// Whether its connection was kept from an earlier request, or carried this one already.
    pub(super) is_kept: bool,
    pub(super) result: Result<(Response<Incoming>, WorkerConnection), WorkerError>,
}

impl Tried {
    /// Reports whether the worker has failed. The end of a kept connection says nothing about it, nor does a
    /// broken upload; a connect that failed is reported as the worker is passed over.
    fn report(self) -> Self {
        match &self.result {
            Ok((response, _)) => self.lease.report(|| is_failure(response.status().as_u16())),
            Err(WorkerError::Closed(_)) if self.is_kept => {}
            Err(WorkerError::Closed(_) | WorkerError::Final(ProxyError::InvalidAnswer)) => {
                self.lease.report(|| true);
            }
            Err(WorkerError::Unreachable(_) | WorkerError::Final(_)) => {}
        }
        self
    }
}

impl Proxy {
    /// Sends the request to the worker of the lease: on a kept connection, or on one that already
    /// carries this request, or on a new one.
    pub(super) async fn try_worker(
        &self,
        lease: Lease,
        kept: Option<WorkerConnection>,
        request: Request<RequestBody>,
    ) -> Tried {
        let is_kept = kept.is_some();
        let result = self.exchange(&lease, kept, request).await;
        let tried = Tried {
            lease,
            is_kept,
            result,
        };
        tried.report()
    }

    /// Waits for a try. If it is late, the spare request is sent to another worker, and the first answer counts.
    /// `is_late` says that it is late already. What loses the race is dropped, which closes its connection.
    pub(super) async fn race(
        &self,
        arrival: &Arrival,
        first: (Life, impl Future<Output = Tried>),
        is_late: bool,
        spare: Option<Request<RequestBody>>,
    ) -> Tried {
        let (life, first) = first;
        let mut first = pin!(first);
        let Some(spare) = spare else {
            return first.await;
        };
        if !is_late && let Some(tried) = self.guard.before_hedge(first.as_mut()).await {
            return tried;
        }
        if !self.guard.may_hedge(self.upstreams.queue.now()) {
            return first.await;
        }
        let mut second = pin!(self.try_another(arrival, life, spare));
        select! {
            tried = &mut first => match tried.result {
                Ok(_) => tried,
                Err(_) => second.await.unwrap_or(tried),
            },
            tried = &mut second => match tried {
                Some(tried) if tried.result.is_ok() => {
                    self.guard.count(Count::HedgesWon);
                    tried
                }
                Some(Tried {
                    lease,
                    result: Err(WorkerError::Unreachable(_)),
                    ..
                }) => {
                    lease.pass_over();
                    first.await
                }
                _ => first.await,
            },
        }
    }

    /// Sends a request to a worker other than this one. Returns `None` if there is none.
    async fn try_another(
        &self,
        arrival: &Arrival,
        other_than: Life,
        request: Request<RequestBody>,
    ) -> Option<Tried> {
        let lease = Lease::acquire(&self.upstreams, arrival, Some(other_than)).await?;
        self.guard.count(Count::Hedges);
        let kept = lease.pool().take().await;
        Some(self.try_worker(lease, kept, request).await)
    }

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
