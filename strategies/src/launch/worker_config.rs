//! The configuration of a worker process.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::connection_limits::ConnectionLimits;
use super::counter::Counter;
use super::{child_setup::ChildSetup, client_limits::ClientLimits, command::WorkerCommand};

/// The configuration of a worker process. Renamed fields keep the names that builds up to 0.1.0 use,
/// since a study can run their workers next to ours.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerConfig {
    #[serde(rename = "upbringing")]
    pub(crate) child_setup: ChildSetup,
    /// Numbers of the workers of this process. Each has a thread.
    #[serde(rename = "crew")]
    pub(crate) numbers: Range<usize>,
    /// Number of places for workers.
    pub(crate) workers: usize,
    /// How many lives its workers had before.
    #[serde(default)]
    pub(crate) generation: u32,
    pub(crate) scheduling: Scheduling,
    #[serde(rename = "taking")]
    pub(crate) source: ConnectionSource,
    /// How long to wait for the PROXY header, if connections begin with one.
    pub(crate) header_within: Option<Duration>,
    #[serde(default)]
    pub(crate) client_limits: ClientLimits,
    #[serde(default)]
    pub(crate) connection_limits: ConnectionLimits,
    /// Whether the kernel has waited for the first byte of each connection.
    #[serde(default)]
    pub(crate) deferred: bool,
    pub(crate) drain_within: Duration,
    /// The program that serves in place of evenkeel's own worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<WorkerCommand>,
    /// How it counts its requests together with others.
    #[serde(default, skip_serializing_if = "Counter::is_none")]
    pub(crate) counter: Counter,
    /// Whether it shows in the scoreboard that its event loop turns.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) heartbeat: bool,
}

/// How the workers of a process share the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scheduling {
    /// Each worker has its own runtime and intake.
    #[serde(rename = "Apart")]
    Separate,
    /// The workers share a runtime and an intake. A free worker runs the next task.
    WorkStealing,
}

/// Where a worker gets its connections from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ConnectionSource {
    Listener(AcceptMode),
    Channels {
        /// Whether the worker acknowledges each hand-off.
        acknowledge: bool,
    },
}

/// How a worker waits for connections of a listening socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AcceptMode {
    /// With epoll, edge-triggered: tokio's default.
    Edge,
    /// With epoll, level-triggered: a queued connection wakes every idle worker.
    Level,
    /// With epoll, level-triggered and EPOLLEXCLUSIVE: a connection wakes one idle worker.
    Exclusive,
    /// In accept(2), which blocks a separate thread.
    Blocking,
    /// With epoll, only while it holds a lock that one worker at a time can hold.
    Mutex,
}
