//! Stages: sets of running processes.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::Pid;

use super::fault::Misbehaviour;
use super::master::{Change, ChangeError, FleetEvent};
use super::messages::Ends;
use super::{child::Role, host::UnmetRequirement, snapshot::WorkerSnapshot};
use crate::defence::DefenceCounts;
use crate::usage::CpuTime;
use crate::view::Scoreboard;

/// A set of running processes: our own, or those of a peer. Dropping it ends all of them. They also end
/// with the process that launched them.
pub(crate) trait Stage: Debug + Send + Sync {
    /// Returns all launched processes, including those that have crashed. One that was replaced is not among
    /// them, but its successor is.
    fn launched(&self) -> Vec<(Role, Pid)>;

    /// Returns the processes that exist now, including those that were started later. Of a peer also those
    /// that have ended: they have no figures any more, so there is no sum.
    fn present(&self) -> Vec<(Role, Pid)>;

    /// Returns the running processes that do the work of a role.
    fn processes_with(&self, role: Role) -> Vec<Pid>;

    /// From now on the end of the process with this role is no crash to report, since it was meant to come.
    fn expect_end(&self, role: Role);

    /// Whether its workers can misbehave like this.
    fn can_misbehave(&self, _how: &Misbehaviour) -> Result<(), UnmetRequirement> {
        Err(UnmetRequirement(FOREIGN.to_owned()))
    }

    /// Returns the CPU time of all launched processes since they were started, up to their ends.
    fn cpu_time(&self) -> Duration;

    /// Returns the CPU time of all dispatchers, if there are any and it is known. It counts also those that
    /// were replaced, where that is known.
    fn dispatcher_cpu(&self) -> Option<CpuTime> {
        let present = self.present().into_iter();
        let dispatchers = present.filter(|(role, _)| role.is_dispatcher());
        let times: Option<Vec<_>> = dispatchers.map(|(_, pid)| CpuTime::of(pid)).collect();
        times
            .filter(|all| !all.is_empty())
            .map(|all| all.into_iter().sum())
    }

    /// Returns the roles of the launched processes that have not ended, or will be respawned.
    fn alive(&mut self) -> Vec<Role>;

    /// Returns the figures of each worker, in the order of their numbers.
    fn workers(&self) -> Vec<WorkerSnapshot>;

    /// Returns the CPU time of all workers together, in all their lives, where it is known although that of each one
    /// may not be.
    fn workers_cpu(&self) -> Option<CpuTime> {
        None
    }

    /// Returns the CPU time of the master, if it works while requests are served.
    fn master_cpu(&self) -> Option<CpuTime> {
        None
    }

    /// Returns the number of threads that choose workers.
    fn choosers(&self) -> usize;

    /// Returns one sentence for each process that has crashed since the last call.
    fn deaths(&mut self) -> Vec<String>;

    /// Ends the processes gracefully: requests in flight are answered, unless that takes longer than
    /// `drain_within`.
    fn stop(self: Box<Self>, drain_within: Duration);

    /// Returns the scoreboard of the processes, if they are ours.
    fn scoreboard(&self) -> Option<&Scoreboard> {
        None
    }

    /// Returns the way to the workers, if they take messages.
    fn messages(&self) -> Option<&Arc<Ends>> {
        None
    }

    /// Whether it can carry out this change.
    fn can_change(&self, change: &Change) -> Result<(), UnmetRequirement>;

    /// Carries out a change, and returns when it is complete.
    fn change(&self, change: &Change) -> Result<(), ChangeError>;

    /// Abandons all changes that are under way.
    fn abandon_changes(&self) {}

    /// Returns what its defences have done, if any is on.
    fn defences(&self) -> Option<DefenceCounts> {
        None
    }

    /// Returns everything that has happened to its processes, in the order of time.
    fn events(&self) -> Vec<FleetEvent>;

    /// Returns what is known about the system, if it is a peer.
    fn system(&self) -> Option<&System> {
        None
    }
}

/// Why another program does not misbehave.
pub(super) const FOREIGN: &str = "only evenkeel's own workers misbehave themselves; another program can crash, hang, \
                                  pause or be throttled";

/// What is known about a running peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// Folder of its files. It exists as long as the peer.
    pub folder: PathBuf,
    /// Rendered configuration files, by name, and the commands that were run.
    pub configuration: BTreeMap<String, String>,
    /// Versions of its programs and modules, by name.
    pub versions: BTreeMap<String, String>,
}
