//! The part of a worker process in counting the requests of the whole fleet.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::launch::{Counter, ToMaster, WorkerEnd};
use crate::view::Scoreboard;

/// How a worker process counts its requests.
pub(super) enum RequestCounter {
    None,
    SharedMemory,
    Messages(Arc<Reports>),
}

impl RequestCounter {
    pub(super) fn new(counter: Counter, end: Option<&Arc<WorkerEnd>>) -> io::Result<Self> {
        let missing = || io::Error::other("there is no socket for messages to the master");
        Ok(match counter {
            Counter::None => Self::None,
            Counter::SharedMemory => Self::SharedMemory,
            Counter::Messages => Self::Messages(Arc::new(Reports::to(end.ok_or_else(missing)?))),
        })
    }

    /// Counts a request that is about to be answered.
    pub(super) fn count(&self, scoreboard: &Scoreboard) {
        match self {
            Self::None => {}
            Self::SharedMemory => scoreboard.count_request(),
            Self::Messages(reports) => reports.count(),
        }
    }

    /// Returns how many requests the fleet has answered, as far as this process knows. `None` if the fleet does
    /// not count them.
    pub(super) fn total(&self, scoreboard: &Scoreboard) -> Option<u64> {
        match self {
            Self::None => None,
            Self::SharedMemory => Some(scoreboard.requests_counted()),
            Self::Messages(reports) => Some(reports.total.load(Relaxed)),
        }
    }

    /// Learns the total from the master.
    pub(super) fn learn(&self, total: u64) {
        if let Self::Messages(reports) = self {
            reports.total.store(total, Relaxed);
        }
    }

    /// Sends the last report if the master has not read enough for it yet.
    pub(super) async fn finish(&self) {
        if let Self::Messages(reports) = self
            && reports.is_behind.load(Relaxed)
        {
            // Without a master that reads there is nobody to report to.
            let _in_time = timeout(FINISH_WITHIN, Arc::clone(reports).catch_up()).await;
        }
    }
}

/// How long to wait when the master has not read earlier reports. It reads them in microseconds, unless it has
/// no CPU.
const CATCH_UP_AFTER: Duration = Duration::from_millis(5);

/// Less than the time that a process has for its clean-up after it has drained.
const FINISH_WITHIN: Duration = Duration::from_millis(250);

/// The reports of a worker process to the master: one per request, with the number of requests so far. So one
/// that finds no room need not be kept.
pub(super) struct Reports {
    end: Arc<WorkerEnd>,
    answered: AtomicU64,
    /// What the master has said last.
    total: AtomicU64,
    /// Whether the last report found no room.
    is_behind: AtomicBool,
}

impl Reports {
    fn to(end: &Arc<WorkerEnd>) -> Self {
        Self {
            end: Arc::clone(end),
            answered: AtomicU64::new(0),
            total: AtomicU64::new(0),
            is_behind: AtomicBool::new(false),
        }
    }

    fn count(self: &Arc<Self>) {
        let answered = self.answered.fetch_add(1, SeqCst) + 1;
        let has_room = self.is_behind.load(SeqCst) || self.report(answered);
        if !has_room && !self.is_behind.swap(true, SeqCst) {
            tokio::spawn(Arc::clone(self).catch_up());
        }
    }

    /// Reports how many requests were answered. Returns whether there was room. If the master is gone, there is
    /// nothing more to report.
    fn report(&self, answered: u64) -> bool {
        let sent = self.end.send(&ToMaster::Answered(answered));
        sent.map_err(|error| error.kind()) != Err(ErrorKind::WouldBlock)
    }

    /// Tries until the number of answered requests is reported.
    async fn catch_up(self: Arc<Self>) {
        loop {
            sleep(CATCH_UP_AFTER).await;
            let answered = self.answered.load(SeqCst);
            if !self.report(answered) {
                continue;
            }
            self.is_behind.store(false, SeqCst);
            // Those that were counted meanwhile may have been left to this task.
            if self.answered.load(SeqCst) == answered {
                return;
            }
            self.is_behind.store(true, SeqCst);
        }
    }
}
