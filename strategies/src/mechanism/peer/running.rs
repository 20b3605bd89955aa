//! A running peer.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::recipe::WorkerRule;
use crate::launch::{Role, WorkerSnapshot};
use crate::mechanism::peer::process_tree::{Process, descendants};
use crate::mechanism::peer::supervisor::Supervisor;
use crate::usage::CpuTime;

/// A running peer: all descendants of its supervisor, which is a process of ours. Dropping it ends
/// all of them.
#[derive(Debug)]
pub struct RunningPeer {
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
    /// Rendered configuration files and commands, by file name.
    pub(super) configuration: BTreeMap<String, String>,
    /// Versions of its programs and modules, by name.
    pub(super) versions: BTreeMap<String, String>,
}

/// A process of a peer.
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

    /// Returns the rendered configuration files, by name, and the commands that were run.
    pub fn configuration(&self) -> &BTreeMap<String, String> {
        &self.info.configuration
    }

    /// Returns the versions of its programs and modules, by name.
    pub fn versions(&self) -> &BTreeMap<String, String> {
        &self.info.versions
    }

    /// Returns the folder that contains its files. It is removed when the peer ends.
    pub fn folder(&self) -> &Path {
        self.supervisor.folder()
    }

    pub(crate) fn choosers(&self) -> usize {
        self.info.choosers
    }

    /// Returns the processes that existed when it became ready.
    pub(crate) fn launched(&self) -> impl Iterator<Item = (Role, Pid)> {
        let launched = self.launched.iter();
        launched.map(|it| (it.role, it.process.pid))
    }

    /// Returns the processes that exist now.
    pub(crate) fn present(&self) -> Vec<(Role, Pid)> {
        let present = processes(self.supervisor.pid(), self.info.workers.as_ref());
        let pairs = present.iter().map(|it| (it.role, it.process.pid));
        pairs.collect()
    }

    /// Returns those of the launched processes that have not ended.
    pub(crate) fn still_there(&self) -> impl Iterator<Item = (Role, Pid)> {
        let alive = self.launched.iter().filter(|it| it.process.is_alive());
        alive.map(|it| (it.role, it.process.pid))
    }

    /// Returns the figures of its workers, in the order of their PIDs.
    pub(crate) fn workers(&self) -> impl Iterator<Item = WorkerSnapshot> {
        let workers = self.launched.iter().filter(|it| !it.role.is_dispatcher());
        workers.map(|PeerProcess { process, .. }| WorkerSnapshot {
            connections_accepted: None,
            requests_served: None,
            cpu: CpuTime::of(process.pid).filter(|_| process.is_alive()),
        })
    }

    /// Returns one sentence for each process that has ended since the last call.
    pub(crate) fn deaths(&mut self) -> Vec<String> {
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

    /// Asks the peer to end, and waits for it up to `drain_within`.
    pub(crate) fn stop(mut self, drain_within: Duration) {
        self.supervisor.stop(drain_within);
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
