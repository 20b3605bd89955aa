//! The processes of a running peer, each with its place and generation.

mod cpu;
mod process;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use nix::unistd::Pid;

use super::recipe::WorkerRule;
use crate::launch::{FleetEvent, Role};
use crate::subreaper::Process;
use crate::usage::CpuTime;

pub(super) use process::PeerProcess;

/// The processes of a running peer. A process that replaces another one has its number, and the next
/// generation.
#[derive(Debug)]
pub(super) struct Roster {
    rule: Rule,
    /// All processes so far, in the order in which they were found.
    processes: Vec<PeerProcess>,
    /// How many processes there should be of those that a reload replaces.
    wanted: usize,
    /// Whether the peer was asked to end processes of its own choice.
    may_shrink: bool,
}

/// Which processes of a peer are workers, and which ones a reload replaces.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) supervisor: Pid,
    /// How workers are recognised. `None` for a balancer.
    pub(super) workers: Option<WorkerRule>,
}

/// Which processes a change ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// All that a reload replaces.
    All,
    /// The worker with this number.
    Worker(usize),
    /// Those that the peer chooses, if any.
    Some,
}

impl Rule {
    pub(super) fn is_worker(&self, process: &Process) -> bool {
        let rule = self.workers.as_ref();
        rule.is_some_and(|rule| process.is_named(&rule.named))
    }

    /// Whether a reload replaces the process: a worker, or what a process of a balancer has started.
    fn is_replaced(&self, process: &Process) -> bool {
        match &self.workers {
            Some(_) => self.is_worker(process),
            None => process.parent != self.supervisor,
        }
    }
}

impl Roster {
    /// Creates the roster of a peer that has just become ready with these processes.
    pub(super) fn new(rule: Rule, found: Vec<Process>) -> Self {
        let mut roster = Self {
            rule,
            processes: Vec::new(),
            wanted: 0,
            may_shrink: false,
        };
        let now = Instant::now();
        for process in found {
            let is_replaced = roster.rule.is_replaced(&process);
            roster.add(process, is_replaced, now);
        }
        roster.wanted = roster.serving().count();
        roster
    }

    /// Adds processes that have started to serve since the last call, and notes which ones have ended.
    /// `found` are all descendants of the supervisor. Others than those that a reload replaces, such as
    /// the command that requests it, are no part of the fleet.
    pub(super) fn look(&mut self, found: Vec<Process>) {
        let now = Instant::now();
        self.note_exits();
        for process in found {
            let is_known = self.processes.iter().any(|it| it.process == process);
            if !is_known && self.rule.is_replaced(&process) {
                self.add(process, true, now);
            }
        }
    }

    fn add(&mut self, process: Process, is_replaced: bool, now: Instant) {
        let make: fn(usize) -> Role = match self.rule.is_worker(&process) {
            true => Role::Worker,
            false => Role::Dispatcher,
        };
        let (role, generation) = self.vacant(make);
        let found = PeerProcess::new(process, role, generation, is_replaced, now);
        self.processes.push(found);
    }

    /// Returns the first number whose last process leaves or has ended, and its next generation.
    fn vacant(&self, role: fn(usize) -> Role) -> (Role, u32) {
        let vacant = (0..).map(role).find_map(|role| match self.last_of(role) {
            None => Some((role, 0)),
            Some(last) if last.leaves || last.has_ended() => Some((role, last.generation + 1)),
            Some(_) => None,
        });
        vacant.expect("there are fewer processes than numbers")
    }

    /// Returns the process of the last generation with this role.
    fn last_of(&self, role: Role) -> Option<&PeerProcess> {
        self.processes.iter().rfind(|it| it.role == role)
    }

    /// Notes which processes have ended.
    pub(super) fn note_exits(&mut self) {
        for process in &mut self.processes {
            process.note_exit(self.may_shrink);
        }
    }

    /// Begins a change after which `wanted` processes should be there of those that a reload replaces.
    pub(super) fn begin_change(&mut self, leaving: Leaving, wanted: usize) {
        self.wanted = wanted;
        self.may_shrink = leaving == Leaving::Some;
        for process in self.processes.iter_mut().filter(|it| it.serves()) {
            process.leaves = match leaving {
                Leaving::All => true,
                Leaving::Worker(number) => process.role == Role::Worker(number),
                Leaving::Some => false,
            };
        }
    }

    /// Ends a change, so that whatever ends from now on does so unasked, except for what still leaves.
    pub(super) fn end_change(&mut self) {
        self.note_exits();
        self.may_shrink = false;
    }

    /// Whether all that should leave have ended, and as many as wanted serve.
    pub(super) fn is_settled(&self) -> bool {
        self.leaving().next().is_none() && self.serving().count() == self.wanted
    }

    /// Returns the processes that should have ended.
    pub(super) fn leaving(&self) -> impl Iterator<Item = &PeerProcess> {
        self.alive().filter(|it| it.leaves)
    }

    /// Returns the processes that serve and stay, of those that a reload replaces.
    pub(super) fn serving(&self) -> impl Iterator<Item = &PeerProcess> {
        self.processes.iter().filter(|it| it.serves())
    }

    pub(super) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Returns all processes so far.
    pub(super) fn all(&self) -> impl Iterator<Item = &PeerProcess> {
        self.processes.iter()
    }

    /// Returns the processes that have not ended.
    pub(super) fn alive(&self) -> impl Iterator<Item = &PeerProcess> {
        self.processes.iter().filter(|it| !it.has_ended())
    }

    /// Returns the processes that run, and those that have ended unasked and were not replaced.
    pub(super) fn current(&self) -> impl Iterator<Item = &PeerProcess> {
        let is_last = |it: &PeerProcess| {
            let last = self.last_of(it.role);
            last.is_some_and(|last| last.generation == it.generation)
        };
        let all = self.processes.iter();
        all.filter(move |it| !it.has_ended() || (it.has_died() && is_last(it)))
    }

    /// Returns the CPU time of all processes that had this role: `Some(None)` if one of them has ended, and
    /// `None` if there was none.
    pub(super) fn cpu_of(&self, role: Role) -> Option<Option<CpuTime>> {
        let mut processes = self
            .processes
            .iter()
            .filter(|it| it.role == role)
            .peekable();
        processes.peek()?;
        Some(processes.map(PeerProcess::cpu).sum())
    }

    /// Returns the processes that the commands of the recipe started.
    pub(super) fn first(&self) -> impl Iterator<Item = &PeerProcess> {
        let supervisor = self.rule.supervisor;
        self.alive()
            .filter(move |it| it.process.parent == supervisor)
    }

    /// Returns pidfds of the processes that have not ended.
    pub(super) fn pidfds(&self) -> Vec<Arc<OwnedFd>> {
        self.processes
            .iter()
            .filter_map(PeerProcess::pidfd)
            .collect()
    }

    /// From now on the end of the running process with this role is not reported as a death.
    pub(super) fn expect_end(&mut self, role: Role) {
        self.note_exits();
        let processes = self.processes.iter_mut();
        for process in processes.filter(|it| it.role == role && !it.has_ended()) {
            process.end_is_expected = true;
        }
    }

    /// Returns one sentence for each process that has ended unasked since the last call.
    pub(super) fn deaths(&mut self) -> Vec<String> {
        self.note_exits();
        let processes = self.processes.iter_mut();
        processes.filter_map(PeerProcess::death).collect()
    }

    /// Returns everything that was seen, in the order of time.
    pub(super) fn events(&mut self) -> Vec<FleetEvent> {
        self.note_exits();
        let mut events: Vec<_> = self
            .processes
            .iter()
            .flat_map(PeerProcess::events)
            .collect();
        events.sort_by_key(|event| event.at);
        events
    }
}

#[cfg(test)]
mod tests;
