//! What a worker is told when it is taken out.

use std::time::Duration;

/// What a worker is told before SIGTERM when it is taken out while others go on. Without it, SIGTERM means the
/// end of the whole fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// How long its clients have to send their last requests.
    pub(crate) drain_within: Duration,
    /// What becomes of the connections that wait at its intake.
    pub(crate) waiting: Waiting,
}

/// What becomes of the connections that wait at the intake of a worker that is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// The worker takes them.
    Taken,
    /// They are left to others that accept from the same socket.
    Left,
}
