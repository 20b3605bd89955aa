//! Where a request is sent next, and whether it may be sent again.

use http::{Request, Response};
use hyper::body::Body;

use super::{
    attempt::Attempt, error::ProxyError, lease::Lease, request_body::RequestBody, shared::Proxy,
    worker_connection::WorkerConnection,
};
use crate::defence::{Count, is_failure};
use crate::view::Life;

/// After a try that has failed, a request is sent once more, but only if that cannot have an effect twice: if
/// nothing was sent, or if the request is idempotent (RFC 9110 §9.2.2) and has no body.
///
/// A kept connection may close at any time, which says nothing about its worker, so the same worker is
/// asked again; after a new connection another worker is. Neither is on a kept connection, which could be
/// closed, too. That happens once; whether it happens more often, and after other failures, is up to the
/// [defences](super::guard::Guard::retry).
pub(super) struct Next<'a> {
    proxy: &'a Proxy,
    /// The worker, if it need not be picked.
    pub(super) lease: Option<Lease>,
    /// The connection, if it already carries the request.
    pub(super) answering: Option<WorkerConnection>,
    /// Whether the first try has taken longer than most already.
    pub(super) is_late: bool,
    /// The worker that has failed the request.
    pub(super) failed: Option<Life>,
    /// What the client is told if no other worker is left.
    pub(super) error: ProxyError,
    may_be_kept: bool,
    is_repeated: bool,
    /// Number of retries.
    retries: u32,
    /// Whether the next try is a retry.
    is_retry: bool,
    /// A copy of the request, if it may be sent more than once.
    spare: Option<Request<RequestBody>>,
}

impl<'a> Next<'a> {
    /// Continues what the fast path has done for the request.
    ///
    /// # Errors
    /// If the fast path was too late and the request must not be sent again.
    pub(super) fn after(
        proxy: &'a Proxy,
        attempt: Option<Attempt>,
        request: &Request<RequestBody>,
    ) -> Result<Self, ProxyError> {
        let mut next = Self {
            proxy,
            lease: None,
            answering: None,
            is_late: false,
            failed: None,
            error: ProxyError::NoWorker,
            may_be_kept: true,
            is_repeated: false,
            retries: 0,
            is_retry: false,
            spare: copy(request),
        };
        match attempt {
            Some(Attempt::Answering(lease, connection)) => {
                next.lease = Some(lease);
                next.answering = Some(connection);
            }
            Some(Attempt::Late(lease, connection)) => {
                next.lease = Some(lease);
                next.answering = Some(connection);
                next.is_late = true;
            }
            Some(Attempt::Stale(lease)) => {
                next.repeat();
                next.lease = Some(lease);
            }
            Some(Attempt::Closed(worker)) => {
                next.repeat();
                next.fail(worker, ProxyError::WorkerClosed);
            }
            // The request itself is as good as its copy.
            Some(Attempt::TimedOut(worker)) => drop(next.after_timeout(worker)?),
            Some(Attempt::Unreachable | Attempt::Failed(_)) | None => {}
        }
        Ok(next)
    }

    /// Counts the next try, for which there is a worker.
    pub(super) fn begin(&mut self) {
        if std::mem::take(&mut self.is_retry) {
            self.proxy.guard.count(Count::Retries);
        }
    }

    /// Whether the request may be sent on a kept connection.
    pub(super) fn may_be_kept(&self) -> bool {
        self.may_be_kept
    }

    /// Returns the request to send next, after the worker of the lease has closed the connection.
    /// `unsent` is the request if it was not sent.
    pub(super) fn after_end(
        &mut self,
        lease: Lease,
        was_kept: bool,
        unsent: Option<Request<RequestBody>>,
    ) -> Result<Request<RequestBody>, ProxyError> {
        let was_attempt = unsent.is_none() || !was_kept;
        let again = unsent.or_else(|| self.spare());
        let again = again.ok_or(ProxyError::WorkerClosed)?;
        if was_attempt && self.is_repeated && !self.retry() {
            return Err(ProxyError::WorkerClosed);
        }
        self.is_repeated |= was_attempt;
        self.may_be_kept = false;
        if was_kept {
            self.lease = Some(lease);
        } else {
            self.fail(lease.worker.life, ProxyError::WorkerClosed);
        }
        Ok(again)
    }

    /// Returns the request to send next, after this worker took too long.
    pub(super) fn after_timeout(
        &mut self,
        worker: Life,
    ) -> Result<Request<RequestBody>, ProxyError> {
        let again = self.spare().filter(|_| self.retry());
        self.fail(worker, ProxyError::Timeout);
        again.ok_or(ProxyError::Timeout)
    }

    /// Returns the request to send to another worker, if this answer of a worker has failed. Without another
    /// worker the client gets the answer.
    pub(super) fn after_answer<B>(
        &mut self,
        answer: &Response<B>,
        lease: &Lease,
    ) -> Option<Request<RequestBody>> {
        let has_failed = self.proxy.guard.retries() && is_failure(answer.status().as_u16());
        let again = has_failed.then(|| self.spare()).flatten()?;
        self.fail(lease.worker.life, ProxyError::NoWorker);
        self.retry().then_some(again)
    }

    /// Notes that the request is sent once more on a new connection.
    fn repeat(&mut self) {
        self.is_repeated = true;
        self.may_be_kept = false;
    }

    fn fail(&mut self, worker: Life, error: ProxyError) {
        self.failed = Some(worker);
        self.error = error;
    }

    /// Whether the request has another retry, which it then has next.
    fn retry(&mut self) -> bool {
        let now = self.proxy.upstreams.queue.now();
        let has_another = self.proxy.guard.retry(self.retries, now);
        self.retries += u32::from(has_another);
        self.is_retry |= has_another;
        has_another
    }

    /// Returns a copy of the request for a second try beside the first one, if there may be one.
    pub(super) fn spare_for_hedge(&self) -> Option<Request<RequestBody>> {
        let may_have_one = self.retries == 0 && self.proxy.guard.hedges();
        may_have_one.then(|| self.spare()).flatten()
    }

    fn spare(&self) -> Option<Request<RequestBody>> {
        self.spare.as_ref().and_then(copy)
    }
}

/// Copies a request that may be sent more than once.
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
