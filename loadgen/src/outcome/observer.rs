//! What the caller can follow while load is offered.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::interval::Interval;

/// Progress of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The current phase.
    pub phase: Phase,
    /// Time since the load began.
    pub elapsed: Duration,
    /// When the window closes at the latest, since the load began; `None` if only a number of requests
    /// ends it.
    pub planned: Option<Duration>,
    /// Requests answered since the load began, including the warm-up.
    pub requests: u64,
    /// Failed requests since the load began, including the warm-up.
    pub failures: u64,
    /// Failed attempts to connect since the load began, including the warm-up.
    pub connect_failures: u64,
}

/// The phases of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Load is offered and not recorded.
    WarmingUp,
    /// The window is open.
    Measuring,
    /// The window is closed, and its last answers are awaited.
    Draining,
}

/// Receives what happens while load is offered. All calls are made by the thread that called
/// [`run`](crate::run), never by a load thread.
pub trait Observer {
    /// The window has just opened.
    fn window_opened(&mut self) {}
    /// The window has just closed.
    fn window_closed(&mut self) {}
    /// An interval of the window has ended; `_response` holds its response times in nanoseconds.
    fn interval(&mut self, _interval: &Interval, _response: &Histogram<u64>) {}
    /// Called about ten times a second.
    fn progress(&mut self, _progress: &Progress) {}
}

/// Ignores everything.
impl Observer for () {}
