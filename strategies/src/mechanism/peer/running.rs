//! Another system that runs.

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

/// Another system that runs: all that descends from its supervisor, which itself is ours and no
/// part of it. Dropped, it ends.
#[derive(Debug)]
pub struct RunningPeer {
    supervisor: Supervisor,
    about: About,
    /// The processes that it had when it was ready.
    launched: Vec<Member>,
    /// The ends of these that were told of.
    told: Vec<Role>,
    has_given_up: bool,
}

/// What there is to know of another system that runs.
#[derive(Debug)]
pub(super) struct About {
    /// By which its workers are known, if it has any.
    pub(super) workers: Option<WorkerRule>,
    /// How many of its threads may choose at a time.
    pub(super) choosers: usize,
    /// Its configuration as it was rendered: texts by the names of their files.
    pub(super) configuration: BTreeMap<String, String>,
    /// Versions of what it needs, by name.
    pub(super) versions: BTreeMap<String, String>,
}

/// A process of another system.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) role: Role,
    pub(crate) process: Process,
}

/// The processes that descend from a supervisor: workers by the rule, all others dispatchers, both
/// numbered in the order of their process numbers.
pub(super) fn members(supervisor: Pid, workers: Option<&WorkerRule>) -> Vec<Member> {
    let mut count = [0, 0];
    let mut next = |is_worker: bool| {
        let number = count[usize::from(is_worker)];
        count[usize::from(is_worker)] += 1;
        match is_worker {
            true => Role::Worker(number),
            false => Role::Dispatcher(number),
        }
    };
    let member = |process: Process| Member {
        role: next(workers.is_some_and(|rule| process.is_named(&rule.named))),
        process,
    };
    descendants(supervisor).into_iter().map(member).collect()
}

impl RunningPeer {
    pub(super) fn new(supervisor: Supervisor, about: About, launched: Vec<Member>) -> Self {
        Self {
            supervisor,
            about,
            launched,
            told: Vec::new(),
            has_given_up: false,
        }
    }

    /// Its configuration as it was rendered, texts by the names of their files, and the commands
    /// that were run.
    pub fn configuration(&self) -> &BTreeMap<String, String> {
        &self.about.configuration
    }

    /// Versions of what it needs, by name.
    pub fn versions(&self) -> &BTreeMap<String, String> {
        &self.about.versions
    }

    /// Where it keeps its files, for as long as it runs.
    pub fn folder(&self) -> &Path {
        self.supervisor.folder()
    }

    pub(crate) fn choosers(&self) -> usize {
        self.about.choosers
    }

    /// The processes that it had when it was ready.
    pub(crate) fn launched(&self) -> impl Iterator<Item = (Role, Pid)> {
        let launched = self.launched.iter();
        launched.map(|member| (member.role, member.process.pid))
    }

    /// The processes that it has now.
    pub(crate) fn present(&self) -> Vec<(Role, Pid)> {
        let present = members(self.supervisor.pid(), self.about.workers.as_ref());
        let pairs = present.iter();
        pairs
            .map(|member| (member.role, member.process.pid))
            .collect()
    }

    /// Those of its first processes that have not ended.
    pub(crate) fn still_there(&self) -> impl Iterator<Item = (Role, Pid)> {
        let launched = self.launched.iter();
        let still_there = launched.filter(|member| member.process.is_there());
        still_there.map(|member| (member.role, member.process.pid))
    }

    /// Each of its workers' figures, in the order of their process numbers.
    pub(crate) fn workers(&self) -> impl Iterator<Item = WorkerSnapshot> {
        let launched = self.launched.iter();
        let workers = launched.filter(|member| !member.role.is_dispatcher());
        workers.map(|Member { process, .. }| WorkerSnapshot {
            connections_accepted: None,
            requests_served: None,
            cpu: CpuTime::of(process.pid).filter(|_| process.is_there()),
        })
    }

    /// What has ended since the last call, one sentence each.
    pub(crate) fn deaths(&mut self) -> Vec<String> {
        let mut deaths = Vec::new();
        if !self.has_given_up
            && let Some(reason) = self.supervisor.gave_up()
        {
            self.has_given_up = true;
            deaths.push(reason);
        }
        for Member { role, process } in &self.launched {
            if !self.told.contains(role) && !process.is_there() {
                self.told.push(*role);
                let Process { pid, name, .. } = process;
                deaths.push(format!("{role} ({name}, process {pid}) has ended"));
            }
        }
        deaths
    }

    /// Ends it in good order, for which it may take that long.
    pub(crate) fn stop(mut self, drain_within: Duration) {
        self.supervisor.stop(drain_within);
    }
}

impl Drop for RunningPeer {
    fn drop(&mut self) {
        // The supervisor does so by itself, unless it was killed.
        for Member { process, .. } in &self.launched {
            process.signal(Signal::SIGKILL);
        }
    }
}
