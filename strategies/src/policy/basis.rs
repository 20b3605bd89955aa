//! What the choice of a worker depends on.

/// What the choice of a worker depends on, so far as others rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The order of arrival: workers take turns, exactly.
    Turns,
    /// Chance alone, equal for all workers.
    Chance,
    /// The given share of each worker.
    Shares,
    /// The client, or a hash of the connection.
    Client,
    /// What the workers have to do.
    Load,
    /// What the workers have to do, and how fast they answer.
    Latency,
    /// Which worker is free: until one is, arrivals wait in one queue.
    CommonQueue,
    /// Something else, such as rules of the kernel.
    Other,
}
