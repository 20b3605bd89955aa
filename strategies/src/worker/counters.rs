//! The counters of connections and requests.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::health::{Health, HealthOfAll};
use super::{identity, request_counter::RequestCounter};
use crate::dispatch::{client_watch::Progress, wake_up::wake_all};
use crate::launch::{Misbehaviour, WorkerEnd};
use crate::view::{Scoreboard, Slot};

/// The counters of the workers of a process, and the ways to the dispatchers and the master.
pub(super) struct Counters {
    pub(super) scoreboard: Scoreboard,
    /// Whether workers show their turns.
    pub(super) heartbeat: bool,
    pub(super) wake_ups: Vec<OwnedFd>,
    /// The way to the master, if it takes messages.
    pub(super) messages: Option<Arc<WorkerEnd>>,
    /// How requests of the whole fleet are counted.
    pub(super) requests: RequestCounter,
    pub(super) health: HealthOfAll,
}

/// A connection, which counts as open until this is dropped.
pub(super) struct OpenConnection {
    counters: Arc<Counters>,
    /// The worker that has accepted it.
    worker: usize,
    settled: AtomicBool,
    /// Whether it has become a WebSocket.
    is_websocket: AtomicBool,
    progress: Arc<Progress>,
    /// What its worker did wrong as it began.
    fault: Option<Misbehaviour>,
}

impl OpenConnection {
    pub(super) fn new(counters: Arc<Counters>, progress: Arc<Progress>) -> Self {
        let worker = identity::current();
        counters.scoreboard.slot(worker).accept();
        let fault = counters.health.of(worker).fault();
        let connection = Self {
            counters,
            worker,
            settled: AtomicBool::new(false),
            is_websocket: AtomicBool::new(false),
            progress,
            fault,
        };
        if connection.is_hidden() {
            connection.settle();
            connection.slot().close();
        }
        connection
    }

    /// Whether its worker was to reset it.
    pub(super) fn is_to_reset(&self) -> bool {
        self.fault == Some(Misbehaviour::Reset)
    }

    /// Whether its worker keeps it open although it has ended.
    pub(super) fn leaks(&self) -> bool {
        self.health().fault() == Some(Misbehaviour::Leak)
    }

    /// Waits until its worker leaks no more.
    pub(super) async fn until_leaks_end(&self) {
        self.health().until_over(Misbehaviour::Leak).await;
    }

    /// Whether its worker reported it as ended at once.
    fn is_hidden(&self) -> bool {
        self.fault.is_some_and(|fault| fault.hides_load())
    }

    fn health(&self) -> &Health {
        self.counters.health.of(self.worker)
    }

    /// Whether it has become a WebSocket with its last answer.
    pub(super) fn is_websocket(&self) -> bool {
        self.is_websocket.load(Relaxed)
    }

    /// Notes that the next message of a WebSocket is awaited.
    pub(super) fn await_message(&self) {
        self.progress.await_message();
    }

    fn slot(&self) -> Slot<'_> {
        self.counters.scoreboard.slot(self.worker)
    }

    /// Counts the arrival as answered, after its first request or at its end, and wakes the dispatchers
    /// that wait for that.
    fn settle(&self) {
        if self.settled.swap(true, Relaxed) {
            return;
        }
        self.slot().settle();
        if self.counters.scoreboard.has_waiting_dispatcher() {
            wake_all(&self.counters.wake_ups);
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.settle();
        if !self.is_hidden() {
            self.slot().close();
        }
    }
}

/// A request, counted as in flight while it lives and as served afterwards.
pub(super) struct InFlight {
    connection: Arc<OpenConnection>,
    pub(super) worker: usize,
    /// What its worker did wrong as it began.
    pub(super) fault: Option<Misbehaviour>,
}

impl InFlight {
    pub(super) fn new(connection: &Arc<OpenConnection>) -> Self {
        let worker = identity::current();
        let request = Self {
            connection: Arc::clone(connection),
            worker,
            fault: connection.counters.health.of(worker).fault(),
        };
        request.slot().begin();
        if request.is_hidden() {
            request.slot().serve();
        }
        connection.progress.request_begun();
        request
    }

    /// Whether its worker reported it as answered at once.
    fn is_hidden(&self) -> bool {
        self.fault.is_some_and(|fault| fault.hides_load())
    }

    /// Notes that the whole request has arrived.
    pub(super) fn complete(&self) {
        self.connection.progress.request_complete();
    }

    /// Notes that its connection becomes a WebSocket with its answer.
    pub(super) fn begin_websocket(&self) {
        self.connection.is_websocket.store(true, Relaxed);
    }

    /// Whether its answer is the last one on its connection.
    pub(super) fn is_last(&self) -> bool {
        self.connection.progress.is_last()
    }

    /// Counts the request for the whole fleet.
    pub(super) fn count(&self) {
        let counters = &self.connection.counters;
        counters.requests.count(&counters.scoreboard);
    }

    /// Returns how many requests the whole fleet has answered, if it counts them.
    pub(super) fn total(&self) -> Option<u64> {
        let counters = &self.connection.counters;
        counters.requests.total(&counters.scoreboard)
    }

    fn slot(&self) -> Slot<'_> {
        self.connection.counters.scoreboard.slot(self.worker)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.connection.progress.answered();
        if !self.is_hidden() {
            self.slot().serve();
        }
        self.connection.settle();
    }
}
