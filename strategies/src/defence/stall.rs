//! Stall detection: a worker that does not turn its event loop gets nothing more until it does.
//!
//! After Hermes (Pan et al., "Hermes: Enhancing Layer-7 Cloud Load Balancers with Userspace-Directed I/O Event
//! Notification", SIGCOMM 2025), whose workers write down when they enter their event loop, and whose dispatch
//! leaves out those that have not for a while. There every loop turns every few milliseconds. Here an idle worker
//! sleeps, so a worker that waits is stalled only if something waits for it.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::view::Heartbeat;

/// When a worker counts as stalled, and what becomes of the connections that it has not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// How long its event loop may stand still while there is something to do.
    pub after: Duration,
    /// Whether connections that were given to it and that it has not taken in are given to others.
    pub rescue: bool,
}

impl Stall {
    /// How often workers are looked at: four times within the threshold, so that a stall is found at most a
    /// quarter late.
    pub(crate) fn every(self) -> Duration {
        (self.after / 4).max(LEAST_PAUSE)
    }
}

/// Pause between two looks at all workers, at least.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// What a look at a worker has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    Stalled,
    Recovered,
}

/// What is known of the event loop of one life of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StallWatch {
    last: Heartbeat,
    /// When it beat last, or last had nothing to do, as far as is known.
    since: Instant,
    is_stalled: bool,
}

impl StallWatch {
    pub(crate) fn new(first: Heartbeat, now: Instant) -> Self {
        Self {
            last: first,
            since: now,
            is_stalled: false,
        }
    }

    pub(crate) fn is_stalled(&self) -> bool {
        self.is_stalled
    }

    /// Looks at the worker. `is_awaited` says whether something waits for it, and is called only if that matters.
    pub(crate) fn look(
        &mut self,
        heartbeat: Heartbeat,
        is_awaited: impl FnOnce() -> bool,
        now: Instant,
        after: Duration,
    ) -> Option<Finding> {
        if heartbeat.beats != self.last.beats {
            self.last = heartbeat;
            self.since = now;
            return std::mem::take(&mut self.is_stalled).then_some(Finding::Recovered);
        }
        if self.is_stalled {
            return None;
        }
        if heartbeat.waits && !is_awaited() {
            self.since = now;
            return None;
        }
        self.is_stalled = now.saturating_duration_since(self.since) >= after;
        self.is_stalled.then_some(Finding::Stalled)
    }
}

#[cfg(test)]
mod tests;
