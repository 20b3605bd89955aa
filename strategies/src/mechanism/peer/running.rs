//! A running peer.

use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::process_tree::{Process, descendants};
use super::{recipe::WorkerRule, supervisor::Supervisor};
use crate::launch::{Role, Stage, System, WorkerSnapshot};
use crate::usage::{CpuTime, cpu_time};

/// A running peer: all descendants of its supervisor, which is an evenkeel process. Dropping it ends
/// all of them.
#[derive(Debug)]
pub(super) struct RunningPeer {
    supervisor: Supervisor,
    info: PeerInfo,
    /// The processes that existed when it became ready.
    launched: Vec<PeerProcess>,
    /// The roles whose end has been reported.
    reported: Vec<Role>,
    has_given_up: bool,
}

/// What is known about a running peer.
#[derive(Debug)]
pub(super) struct PeerInfo {
    /// How its workers are recognised, if it has any.
    pub(super) workers: Option<WorkerRule>,
    /// Number of its threads that may choose workers at the same time.
    pub(super) choosers: usize,
    pub(super) system: System,
}

#[derive(Clone, Debug)]
pub(crate) struct PeerProcess {
    pub(crate) role: Role,
    pub(crate) process: Process,
}

/// Lists the descendants of a supervisor in the order of their PIDs. Those that match the rule are
/// workers, all others are dispatchers. Both are numbered in this order.
pub(super) fn processes(supervisor: Pid, workers: Option<&WorkerRule>) -> Vec<PeerProcess> {
    let (mut worker, mut dispatcher) = (0.., 0..);
    let with_role = |process: Process| {
        let is_worker = workers.is_some_and(|rule| process.is_named(&rule.named));
        let role = match is_worker {
            true => worker.next().map(Role::Worker),
            false => dispatcher.next().map(Role::Dispatcher),
        };
        Some(PeerProcess {
            role: role?,
            process,
        })
    };
    descendants(supervisor)
        .into_iter()
        .filter_map(with_role)
        .collect()
}

fn pairs<'a>(processes: impl IntoIterator<Item = &'a PeerProcess>) -> Vec<(Role, Pid)> {
    let processes = processes.into_iter();
    processes.map(|it| (it.role, it.process.pid)).collect()
}

impl RunningPeer {
    pub(super) fn new(supervisor: Supervisor, info: PeerInfo, launched: Vec<PeerProcess>) -> Self {
        Self {
            supervisor,
            info,
            launched,
            reported: Vec::new(),
            has_given_up: false,
        }
    }
}

impl RunningPeer {
    /// Returns the launched processes that have not ended.
    fn still_there(&self) -> impl Iterator<Item = &PeerProcess> {
        self.launched.iter().filter(|it| it.process.is_alive())
    }
}

impl Stage for RunningPeer {
    fn launched(&self) -> Vec<(Role, Pid)> {
        pairs(&self.launched)
    }

    fn present(&self) -> Vec<(Role, Pid)> {
        pairs(&processes(
            self.supervisor.pid(),
            self.info.workers.as_ref(),
        ))
    }

    fn cpu_time(&self) -> Duration {
        let pids = self.still_there().map(|it| it.process.pid);
        pids.filter_map(cpu_time::total).sum()
    }

    fn alive(&mut self) -> Vec<Role> {
        self.still_there().map(|it| it.role).collect()
    }

    fn workers(&self) -> Vec<WorkerSnapshot> {
        let workers = self.launched.iter().filter(|it| !it.role.is_dispatcher());
        let figures = workers.map(|PeerProcess { process, .. }| WorkerSnapshot {
            connections_accepted: None,
            requests_served: None,
            cpu: CpuTime::of(process.pid).filter(|_| process.is_alive()),
        });
        figures.collect()
    }

    fn choosers(&self) -> usize {
        self.info.choosers
    }

    fn deaths(&mut self) -> Vec<String> {
        let mut deaths = Vec::new();
        if !self.has_given_up
            && let Some(reason) = self.supervisor.gave_up()
        {
            self.has_given_up = true;
            deaths.push(reason);
        }
        for PeerProcess { role, process } in &self.launched {
            if !self.reported.contains(role) && !process.is_alive() {
                self.reported.push(*role);
                let Process { pid, name, .. } = process;
                deaths.push(format!("{role} ({name}, process {pid}) has ended"));
            }
        }
        deaths
    }

    fn stop(mut self: Box<Self>, drain_within: Duration) {
        self.supervisor.stop(drain_within);
    }

    fn system(&self) -> Option<&System> {
        Some(&self.info.system)
    }
}

impl Drop for RunningPeer {
    fn drop(&mut self) {
        // The supervisor does this too, unless it was killed.
        for PeerProcess { process, .. } in &self.launched {
            process.signal(Signal::SIGKILL);
        }
    }
}
