//! What the fast path has done for a request that the slow path completes.

use super::{error::ProxyError, lease::Lease, worker_connection::WorkerConnection};
use crate::view::Life;

/// How far a request got on the fast path.
pub(super) enum Attempt {
    /// A worker has the request, and part of its answer has arrived.
    Answering(Lease, WorkerConnection),
    /// A worker has the request, and takes longer than most.
    Late(Lease, WorkerConnection),
    /// A kept connection to the worker ended without an answer.
    Stale(Lease),
    /// This worker closed a new connection without an answer.
    Closed(Life),
    /// No connection to a worker could be made.
    Unreachable,
    /// This worker took too long for the head of its answer.
    TimedOut(Life),
    /// The request failed, and the client has not been answered yet.
    Failed(ProxyError),
}
