//! Load signals.

/// What a worker's load can go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Connections that it holds open, or that are on their way to it.
    Connections,
    /// Requests that it has begun and not yet answered.
    Requests,
    /// What it was given and has not answered yet: of connections, those whose first request
    /// is to come or to be answered; of requests, those in flight.
    Unanswered,
    /// The larger of the two before: 0 only where there is nothing to do.
    Pending,
}
