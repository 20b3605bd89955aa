//! What every set of running processes can be asked.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::time::Duration;

use nix::unistd::Pid;

use super::child::Role;
use super::snapshot::WorkerSnapshot;
use crate::view::Scoreboard;

/// A set of running processes: our own, or those of another system. Dropped, it ends all of them;
/// they also end with the process that launched them, however that ends.
pub(crate) trait Stage: Debug + Send + Sync {
    /// Every process as it was launched, also one that has ended.
    fn launched(&self) -> Vec<(Role, Pid)>;

    /// The processes at this moment, also those that were started later.
    fn present(&self) -> Vec<(Role, Pid)>;

    /// Those that were launched, as far as they have not ended.
    fn still_there(&self) -> Vec<(Role, Pid)>;

    /// The roles of those that were launched and have not ended.
    fn alive(&mut self) -> Vec<Role>;

    /// Each worker's figures, in the order of their numbers.
    fn workers(&self) -> Vec<WorkerSnapshot>;

    /// Number of threads that choose workers.
    fn choosers(&self) -> usize;

    /// Processes that have ended since the last call, one sentence each.
    fn deaths(&mut self) -> Vec<String>;

    /// Ends it gracefully: what is in flight is answered, unless that takes longer than
    /// `drain_within`.
    fn stop(self: Box<Self>, drain_within: Duration);

    /// The counters that its processes share, if they are ours.
    fn scoreboard(&self) -> Option<&Scoreboard> {
        None
    }

    /// What is known of it, if it is another system.
    fn system(&self) -> Option<&System> {
        None
    }
}

/// What is known of another system that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// Where it keeps its files, for as long as it runs.
    pub folder: PathBuf,
    /// Its configuration as it was rendered, texts by the names of their files, and the commands
    /// that were run.
    pub configuration: BTreeMap<String, String>,
    /// Versions of what it needs, by name.
    pub versions: BTreeMap<String, String>,
}
