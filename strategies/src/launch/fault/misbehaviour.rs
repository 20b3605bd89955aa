//! Faults that a worker acts itself, since the master tells it to.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::launch::messages::{Ends, MessageError, ToWorker};

/// What a worker does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misbehaviour {
    /// Its work takes longer.
    Slow(Slowness),
    /// Its own listener is closed: the kernel resets what waits there, and refuses what comes.
    Refuse,
    /// It accepts each new connection and resets it.
    Reset,
    /// It answers each request with status 500 at once, and reports no load.
    FailFast,
    /// It reports no load, whatever it has. Connections and requests that it had before stay counted.
    Lie,
    /// It sends the body of each answer a byte at a time.
    Drip {
        /// From one byte to the next.
        every: Duration,
    },
    /// It keeps its end of each connection open that has ended.
    Leak,
}

/// How long the work of a slow worker takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slowness {
    /// So many times as long.
    Times(f64),
    /// So long, whatever the work is.
    Fixed(Duration),
    /// Exponentially distributed with this mean, whatever the work is.
    Exponential(Duration),
}

impl Misbehaviour {
    /// Whether the worker still answers requests as expected, if late.
    pub(super) fn answers(&self) -> bool {
        !matches!(self, Self::Refuse | Self::Reset | Self::FailFast)
    }

    /// Whether the worker hides its load.
    pub(crate) fn hides_load(&self) -> bool {
        matches!(self, Self::FailFast | Self::Lie)
    }
}

/// A worker that misbehaves until this is dropped.
#[derive(Debug)]
pub(super) struct Misbehaving {
    ends: Arc<Ends>,
    worker: usize,
}

impl Misbehaving {
    pub(super) fn start(
        ends: &Arc<Ends>,
        worker: usize,
        how: Misbehaviour,
    ) -> Result<Self, MessageError> {
        let how = Some(how);
        ends.send(worker, &ToWorker::Misbehave { worker, how })?;
        let ends = Arc::clone(ends);
        Ok(Self { ends, worker })
    }
}

impl Drop for Misbehaving {
    fn drop(&mut self) {
        let worker = self.worker;
        let ended = self
            .ends
            .send(worker, &ToWorker::Misbehave { worker, how: None });
        // One that is gone does nothing wrong any more.
        if let Err(error @ MessageError::Full { .. }) = ended {
            eprintln!("evenkeel: a fault goes on: {error}");
        }
    }
}
