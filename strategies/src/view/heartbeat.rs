//! The heartbeat of a worker: how the turns of its event loop show in the scoreboard.

/// What the counters of a worker say of its event loop at one moment. It costs the worker a store per turn, and
/// no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heartbeat {
    /// Changes whenever the worker turns its event loop, and with each connection and request that it begins
    /// or ends, since a busy event loop turns without waiting.
    pub(crate) beats: u64,
    /// Whether the worker waits for something to do.
    pub(crate) waits: bool,
}
