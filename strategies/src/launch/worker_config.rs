//! What a worker process is started with.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::child_setup::ChildSetup;

/// What a worker process is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerConfig {
    pub(crate) child_setup: ChildSetup,
    /// The numbers of the workers that this process is, a thread for each.
    pub(crate) crew: Range<usize>,
    /// Workers of the fleet.
    pub(crate) workers: usize,
    pub(crate) scheduling: Scheduling,
    /// How it gets its connections.
    pub(crate) taking: ConnectionSource,
    /// For how long it waits for the PROXY header with which connections begin, if they do.
    pub(crate) header_within: Option<Duration>,
    pub(crate) drain_within: Duration,
}

/// How the workers of a process divide the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scheduling {
    /// Each has a runtime and an intake of its own.
    Apart,
    /// They share both, and whoever is free takes up what comes next.
    WorkStealing,
}

/// How a worker is to get its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ConnectionSource {
    /// From a listening socket.
    Listener(Accept),
    /// Over channels from dispatchers.
    Channels {
        /// Whether each hand-off is to be acknowledged when it is taken in.
        acknowledge: bool,
    },
}

/// How a worker waits for connections of a listening socket and accepts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Accept {
    /// In the runtime's epoll instance as tokio registers it: edge-triggered.
    Edge,
    /// Level-triggered, as in a plain epoll loop: a queued connection wakes every idle worker.
    Level,
    /// Level-triggered with EPOLLEXCLUSIVE: a connection wakes one idle worker.
    Exclusive,
    /// Blocked in accept(2), in a thread of its own.
    Blocking,
    /// Only while it holds the lock that one worker at a time can hold.
    Mutex,
}
