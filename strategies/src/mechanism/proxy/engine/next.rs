//! Where a request is sent next, and whether it may be sent again.

use http::Request;
use hyper::body::Body;

use super::{
    attempt::Attempt, error::ProxyError, lease::Lease, request_body::RequestBody,
    worker_connection::WorkerConnection,
};
use crate::view::Life;

/// After a worker has closed the connection, a request is sent once more, but only if that cannot have an
/// effect twice: if nothing was sent, or if the request is idempotent (RFC 9110 §9.2.2) and has no body.
///
/// A kept connection may close at any time, which says nothing about its worker, so the same worker is
/// asked again; after a new connection another worker is. Neither is on a kept connection, which could be
/// closed, too.
pub(super) struct Next {
    /// The worker, if it need not be picked.
    pub(super) lease: Option<Lease>,
    /// The connection, if it already carries the request.
    pub(super) answering: Option<WorkerConnection>,
    /// The worker that has failed the request.
    pub(super) failed: Option<Life>,
    may_be_kept: bool,
    is_repeated: bool,
    /// A copy of the request, if it may be sent twice.
    spare: Option<Request<RequestBody>>,
}

impl Next {
    /// Continues what the fast path has done for the request.
    pub(super) fn after(attempt: Option<Attempt>, request: &Request<RequestBody>) -> Self {
        let is_repeated = matches!(attempt, Some(Attempt::Stale(_) | Attempt::Closed(_)));
        let (lease, answering, failed) = match attempt {
            Some(Attempt::Answering(lease, connection)) => (Some(lease), Some(connection), None),
            Some(Attempt::Stale(lease)) => (Some(lease), None, None),
            Some(Attempt::Closed(worker)) => (None, None, Some(worker)),
            Some(Attempt::Failed(_)) | None => (None, None, None),
        };
        Self {
            lease,
            answering,
            failed,
            may_be_kept: !is_repeated,
            is_repeated,
            spare: copy(request),
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
        if was_attempt && std::mem::replace(&mut self.is_repeated, true) {
            return Err(ProxyError::WorkerClosed);
        }
        self.may_be_kept = false;
        if was_kept {
            self.lease = Some(lease);
        } else {
            self.failed = Some(lease.worker.life);
        }
        let again = unsent.or_else(|| self.spare.take());
        again.ok_or(ProxyError::WorkerClosed)
    }
}

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
