//! The processes of a fleet that run our own code.

use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::child::{Child, Role, describe};
use super::control::ParentControl;
use super::snapshot::WorkerSnapshot;
use crate::usage::CpuTime;
use crate::view::{Scoreboard, Slot};

/// Dispatchers and workers of ours, and what they count. Dropped, it kills and reaps them; they also
/// die with the process that launched them, however that ends.
#[derive(Debug)]
pub(crate) struct OwnProcesses {
    children: Vec<Child>,
    /// What the dispatchers close when they give no more to workers.
    dispatchers: Vec<ParentControl>,
    scoreboard: Scoreboard,
    deaths_told: Vec<Role>,
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
            deaths_told: Vec::new(),
        }
    }

    pub(crate) fn scoreboard(&self) -> &Scoreboard {
        &self.scoreboard
    }

    /// Every process, also one that has ended.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (Role, Pid)> {
        self.children.iter().map(|child| (child.role, child.pid()))
    }

    /// Each worker's figures, in the order of their numbers.
    pub(crate) fn workers(&self) -> Vec<WorkerSnapshot> {
        let children = self.children.iter();
        children.flat_map(|child| self.workers_in(child)).collect()
    }

    /// The workers that a process is.
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

    /// Processes that have ended since the last call, one sentence each.
    pub(crate) fn deaths(&mut self) -> Vec<String> {
        let told = &mut self.deaths_told;
        let mut deaths = Vec::new();
        for child in &mut self.children {
            if !told.contains(&child.role)
                && let Some(status) = child.ended()
            {
                told.push(child.role);
                deaths.push(format!(
                    "{} (process {}) {}",
                    child.role,
                    child.pid(),
                    describe(status)
                ));
            }
        }
        deaths
    }

    /// What the processes that have not ended are there for.
    pub(crate) fn alive(&mut self) -> Vec<Role> {
        let children = self.children.iter_mut();
        let running = children.filter_map(|child| child.ended().is_none().then_some(child.role));
        running.collect()
    }

    /// Asks dispatchers first, because what they still hold needs workers; workers when they can be
    /// given no more. Each stage may take that long.
    pub(crate) fn stop(mut self, drain_within: Duration) {
        // A process keeps to the drain time by itself; beyond it lies only its own clean-up.
        let deadline = || Instant::now() + drain_within + CLEAN_UP;
        self.ask_to_end(Role::is_dispatcher);
        let first = deadline();
        for dispatcher in &self.dispatchers {
            dispatcher.wait_closed(first);
        }
        self.ask_to_end(|role| !role.is_dispatcher());
        let second = deadline();
        for child in &mut self.children {
            child.wait_until(second);
        }
    }

    fn ask_to_end(&mut self, chosen: fn(Role) -> bool) {
        let chosen = self.children.iter_mut().filter(|child| chosen(child.role));
        chosen.for_each(Child::terminate);
    }
}

/// What a process may need to end once it has nothing left to do.
const CLEAN_UP: Duration = Duration::from_millis(500);
