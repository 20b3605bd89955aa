//! What a fleet does and spends while the load is measured.

use std::time::Duration;

use evenkeel_loadgen::Observer;
use evenkeel_strategies::{Deployment, Snapshot};

/// Takes a snapshot of the fleet as the window opens, and one as it closes.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    fleet: &'a Deployment,
    opened: Option<Snapshot>,
    closed: Option<Snapshot>,
}

/// What a fleet has done and spent in the measured time.
#[derive(Debug)]
pub(super) struct Window {
    /// CPU time of all dispatchers; `None` without one, or if one was gone.
    pub(super) dispatcher_cpu: Option<Duration>,
    /// Per worker, in the order of their numbers.
    pub(super) workers: Vec<WorkerWindow>,
}

/// What a worker has done and spent.
#[derive(Debug)]
pub(super) struct WorkerWindow {
    /// Connections that it has taken in since it was launched.
    pub(super) connections: u64,
    /// CPU time in the measured time; `None` if it was gone.
    pub(super) cpu: Option<Duration>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(fleet: &'a Deployment) -> Self {
        Self {
            fleet,
            opened: None,
            closed: None,
        }
    }

    /// What lies between the two snapshots; `None` if the window was never closed.
    pub(super) fn window(self) -> Option<Window> {
        let (opened, closed) = (self.opened?, self.closed?);
        let workers = opened.workers.iter().zip(&closed.workers);
        Some(Window {
            dispatcher_cpu: spent(opened.dispatcher_cpu, closed.dispatcher_cpu),
            workers: workers
                .map(|(before, after)| WorkerWindow {
                    connections: after.connections_accepted,
                    cpu: spent(before.cpu, after.cpu),
                })
                .collect(),
        })
    }
}

fn spent(before: Option<Duration>, after: Option<Duration>) -> Option<Duration> {
    after?.checked_sub(before?)
}

impl Observer for Watch<'_> {
    fn window_opened(&mut self) {
        self.opened = Some(self.fleet.snapshot());
    }

    fn window_closed(&mut self) {
        self.closed = Some(self.fleet.snapshot());
    }
}
