//! The stage of our own processes.

use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::child::{Child, Role, describe};
use super::{control::ParentControl, snapshot::WorkerSnapshot, stage::Stage};
use crate::usage::CpuTime;
use crate::view::{Scoreboard, Slot};

/// Our own dispatchers and workers, and their scoreboard. Dropping it kills and reaps them.
#[derive(Debug)]
pub(crate) struct OwnProcesses {
    children: Vec<Child>,
    /// Control channels. A dispatcher closes its end when it gives nothing more to workers.
    dispatchers: Vec<ParentControl>,
    scoreboard: Scoreboard,
    deaths_reported: Vec<Role>,
}

impl OwnProcesses {
    pub(crate) fn new(
        children: Vec<Child>,
        dispatchers: Vec<ParentControl>,
        scoreboard: Scoreboard,
    ) -> Self {
        Self {
            children,
            dispatchers,
            scoreboard,
            deaths_reported: Vec::new(),
        }
    }

    fn workers_in(&self, child: &Child) -> Vec<WorkerSnapshot> {
        let process = child.pid();
        let of_thread = |slot: Slot<'_>| CpuTime::of_thread(process, slot.thread()?);
        match child.role {
            Role::Worker(number) => vec![self.worker(number, |_| CpuTime::of(process))],
            Role::Server => (0..self.scoreboard.workers())
                .map(|number| self.worker(number, of_thread))
                .collect(),
            Role::Dispatcher(_) | Role::Supervisor => Vec::new(),
        }
    }

    fn worker(
        &self,
        number: usize,
        cpu: impl FnOnce(Slot<'_>) -> Option<CpuTime>,
    ) -> WorkerSnapshot {
        let slot = self.scoreboard.slot(number);
        WorkerSnapshot {
            connections_accepted: Some(slot.connections_accepted()),
            requests_served: Some(slot.requests_served()),
            cpu: cpu(slot),
        }
    }

    fn terminate(&mut self, chosen: fn(Role) -> bool) {
        let chosen = self.children.iter_mut().filter(|child| chosen(child.role));
        chosen.for_each(Child::terminate);
    }
}

impl Stage for OwnProcesses {
    fn launched(&self) -> Vec<(Role, Pid)> {
        let children = self.children.iter();
        children.map(|child| (child.role, child.pid())).collect()
    }

    fn present(&self) -> Vec<(Role, Pid)> {
        self.launched()
    }

    /// Also returns processes that have ended, since they have no figures.
    fn still_there(&self) -> Vec<(Role, Pid)> {
        self.launched()
    }

    fn alive(&mut self) -> Vec<Role> {
        let children = self.children.iter_mut();
        let running = children.filter_map(|child| child.ended().is_none().then_some(child.role));
        running.collect()
    }

    fn workers(&self) -> Vec<WorkerSnapshot> {
        let children = self.children.iter();
        children.flat_map(|child| self.workers_in(child)).collect()
    }

    fn choosers(&self) -> usize {
        self.dispatchers.len()
    }

    fn deaths(&mut self) -> Vec<String> {
        let reported = &mut self.deaths_reported;
        let mut deaths = Vec::new();
        for child in &mut self.children {
            if !reported.contains(&child.role)
                && let Some(status) = child.ended()
            {
                reported.push(child.role);
                let (role, pid, how) = (child.role, child.pid(), describe(status));
                deaths.push(format!("{role} (process {pid}) {how}"));
            }
        }
        deaths
    }

    /// Asks dispatchers to end first, since they need workers for what they have, and then workers. Both may
    /// take `drain_within`.
    fn stop(mut self: Box<Self>, drain_within: Duration) {
        // A process observes the drain time itself. The rest is for its clean-up.
        let deadline = || Instant::now() + drain_within + CLEAN_UP;
        self.terminate(Role::is_dispatcher);
        let first = deadline();
        for dispatcher in &self.dispatchers {
            dispatcher.wait_closed(first);
        }
        self.terminate(|role| !role.is_dispatcher());
        let second = deadline();
        for child in &mut self.children {
            child.wait_until(second);
        }
    }

    fn scoreboard(&self) -> Option<&Scoreboard> {
        Some(&self.scoreboard)
    }
}

/// Time limit for the end of a process that has drained.
const CLEAN_UP: Duration = Duration::from_millis(500);
