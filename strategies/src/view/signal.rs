//! Load signals.

/// What counts as the load of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Open connections, including those on their way to the worker.
    Connections,
    /// Requests that the worker has started and not answered yet.
    Requests,
    /// What was given to the worker and is not answered yet: connections whose first request has not
    /// been answered, or requests in flight.
    Unanswered,
    /// The larger of `Requests` and `Unanswered`, which is 0 only if the worker is idle.
    Pending,
}
