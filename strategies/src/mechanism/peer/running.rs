//! A running peer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::recipe::Recipe;
use super::roster::{PeerProcess, Roster};
use super::{source::Source, supervisor::Supervisor, variables::Variables, watcher::Watcher};
use crate::launch::{
    Change, ChangeError, FleetEvent, Role, Stage, System, UnmetRequirement, WorkerSnapshot,
};
use crate::subreaper::Process;
use crate::usage::{BySide, CpuTime, cpu_time};

/// A running peer: all descendants of its supervisor, which is an evenkeel process. Dropping it ends
/// all of them.
#[derive(Debug)]
pub(super) struct RunningPeer {
    pub(super) watcher: Watcher,
    supervisor: Mutex<Supervisor>,
    pub(super) plan: Plan,
    /// Number of its threads that may choose workers at the same time.
    choosers: usize,
    system: System,
    /// Held while a change is carried out.
    pub(super) changing: Mutex<()>,
    has_given_up: bool,
}

/// What a peer was started with, to change it later.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) recipe: Recipe,
    pub(super) source: Source,
    pub(super) variables: Variables,
}

fn pairs<'a>(processes: impl Iterator<Item = &'a PeerProcess>) -> Vec<(Role, Pid)> {
    processes.map(|it| (it.role, it.process.pid)).collect()
}

impl RunningPeer {
    pub(super) fn new(
        supervisor: Supervisor,
        watcher: Watcher,
        plan: Plan,
        choosers: usize,
        system: System,
    ) -> Self {
        Self {
            watcher,
            supervisor: Mutex::new(supervisor),
            plan,
            choosers,
            system,
            changing: Mutex::new(()),
            has_given_up: false,
        }
    }

    pub(super) fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.supervisor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the CPU time of each side. A process that ends just now is reaped by its parent soon.
    fn cpu(&self) -> Option<BySide<CpuTime>> {
        let read = || {
            self.watcher.look();
            self.watcher.with(Roster::cpu)
        };
        let again = || {
            sleep(PAUSE);
            read()
        };
        read().or_else(|| (1..READINGS).find_map(|_| again()))
    }
}

/// Number of readings of CPU time, of which one must not see a process end.
const READINGS: usize = 5;

/// Pause between them: some scheduling periods of a parent are shorter than all of them.
const PAUSE: Duration = Duration::from_millis(1);

impl Stage for RunningPeer {
    fn launched(&self) -> Vec<(Role, Pid)> {
        self.watcher.with(|roster| pairs(roster.current()))
    }

    fn present(&self) -> Vec<(Role, Pid)> {
        self.watcher.look();
        self.watcher.with(|roster| pairs(roster.all()))
    }

    fn processes_with(&self, role: Role) -> Vec<Pid> {
        self.watcher.look();
        let alive = self.watcher.with(|roster| pairs(roster.alive()));
        let of_role = alive.into_iter().filter(|(its, _)| *its == role);
        of_role.map(|(_, pid)| pid).collect()
    }

    fn expect_end(&self, role: Role) {
        self.watcher.with(|roster| roster.expect_end(role));
    }

    fn cpu_time(&self) -> Duration {
        let processes = self.watcher.with(|roster| pairs(roster.alive()));
        let times = processes.into_iter().map(|(_, pid)| {
            let of_ended = CpuTime::of_ended_children(pid).map(|cpu| cpu.total);
            cpu_time::total(pid).unwrap_or_default() + of_ended.unwrap_or_default()
        });
        times.sum()
    }

    fn dispatcher_cpu(&self) -> Option<CpuTime> {
        self.cpu()?.dispatcher
    }

    fn workers_cpu(&self) -> Option<CpuTime> {
        self.cpu()?.workers
    }

    fn alive(&mut self) -> Vec<Role> {
        self.watcher.with(|roster| {
            roster.note_exits();
            roster.alive().map(|it| it.role).collect()
        })
    }

    fn workers(&self) -> Vec<WorkerSnapshot> {
        let cpu = |role| self.watcher.with(|roster| roster.cpu_of(role));
        let workers = (0..).map(Role::Worker);
        let workers = workers.map_while(cpu);
        let figures = workers.map(|cpu| WorkerSnapshot {
            connections_accepted: None,
            requests_served: None,
            cpu,
        });
        figures.collect()
    }

    fn choosers(&self) -> usize {
        self.choosers
    }

    fn deaths(&mut self) -> Vec<String> {
        let is_new = !self.has_given_up;
        let gave_up = is_new.then(|| self.supervisor().gave_up()).flatten();
        self.has_given_up |= gave_up.is_some();
        let deaths = self.watcher.with(Roster::deaths);
        gave_up.into_iter().chain(deaths).collect()
    }

    fn can_change(&self, change: &Change) -> Result<(), UnmetRequirement> {
        self.rule_of(change).map(drop)
    }

    fn change(&self, change: &Change) -> Result<(), ChangeError> {
        self.carry_out(change)
    }

    fn events(&self) -> Vec<FleetEvent> {
        self.watcher.with(Roster::events)
    }

    fn stop(self: Box<Self>, drain_within: Duration) {
        self.supervisor().stop(drain_within);
    }

    fn system(&self) -> Option<&System> {
        Some(&self.system)
    }
}

impl Drop for RunningPeer {
    fn drop(&mut self) {
        // The supervisor does this too, unless it was killed.
        let kill = |process: &Process| process.signal(Signal::SIGKILL);
        self.watcher.look();
        self.watcher
            .with(|roster| roster.alive().for_each(|it| kill(&it.process)));
    }
}
