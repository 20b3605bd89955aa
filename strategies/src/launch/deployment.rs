//! A running fleet.

use std::fmt::Debug;
use std::io;
use std::iter::Sum;
use std::net::SocketAddr;
use std::time::Duration;

use nix::unistd::Pid;

use super::child::Role;
use super::namespace::Namespace;
use super::snapshot::Snapshot;
use super::spec::FleetSpec;
use super::stage::{Stage, System};
use crate::usage::{BySide, CpuTime, Holdings, SystemCalls, ThreadSwitches, cpu_time};
use crate::view::Scoreboard;

/// A running fleet with its address. Dropped, it ends all its processes; they also end with the
/// process that launched them, however that ends.
#[derive(Debug)]
pub struct Deployment {
    /// What must live as long as the fleet does. It ends first.
    guard: Option<Box<dyn Guard>>,
    address: SocketAddr,
    workers: usize,
    /// From the clients to the workers, which is also the order in which they end.
    stages: Vec<Box<dyn Stage>>,
    drain_within: Duration,
    namespace: Option<Namespace>,
}

/// A value that undoes something when it is dropped.
trait Guard: Debug + Send + Sync {}

impl<T: Debug + Send + Sync> Guard for T {}

impl Deployment {
    /// A fleet of one stage, with the given number of workers.
    pub(crate) fn new(
        address: SocketAddr,
        workers: usize,
        stage: impl Stage + 'static,
        spec: &FleetSpec,
    ) -> Self {
        Self {
            guard: None,
            address,
            workers,
            stages: vec![Box::new(stage)],
            drain_within: spec.drain_within,
            namespace: None,
        }
    }

    /// Puts another stage between the clients and those that are there.
    pub(crate) fn behind(mut self, stage: impl Stage + 'static) -> Self {
        self.stages.insert(0, Box::new(stage));
        self
    }

    /// Says which network namespace the fleet is in.
    pub(crate) fn within(self, namespace: Option<Namespace>) -> Self {
        Self { namespace, ..self }
    }

    /// Keeps something for as long as the fleet runs.
    pub(crate) fn keep(self, guard: impl Debug + Send + Sync + 'static) -> Self {
        Self {
            guard: Some(Box::new(guard)),
            ..self
        }
    }

    /// Whether the fleet is in a network namespace of its own, so that only a
    /// thread that [enters](Self::enter) it can reach it.
    pub fn is_in_a_network_namespace(&self) -> bool {
        self.namespace.is_some()
    }

    /// Moves the calling thread, for good, to where the fleet can be reached: into its network
    /// namespace, if it has one of its own. Threads that it starts from then on are there too.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn enter(&self) -> io::Result<()> {
        self.namespace.as_ref().map_or(Ok(()), Namespace::enter)
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many workers were launched.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Threads that choose or serve: as many CPUs as the fleet can keep busy.
    pub fn threads(&self) -> usize {
        let choosers = self.stages.iter().map(|stage| stage.choosers());
        choosers.sum::<usize>() + self.workers
    }

    /// The counters that all processes of the fleet share; `None` if its workers are another
    /// system's.
    pub fn scoreboard(&self) -> Option<&Scoreboard> {
        self.stages.iter().find_map(|stage| stage.scoreboard())
    }

    /// What is known of the other system that runs here, if one does.
    pub fn system(&self) -> Option<&System> {
        self.stages.iter().find_map(|stage| stage.system())
    }

    /// Process numbers of the workers of another system, by which its answers name them, in
    /// ascending order: that of the workers' own numbers. `None` if the workers are ours.
    pub fn worker_pids(&self) -> Option<Vec<i32>> {
        if self.scoreboard().is_some() {
            return None;
        }
        let workers = self.processes().filter(|(role, _)| !role.is_dispatcher());
        Some(workers.map(|(_, pid)| pid).collect())
    }

    /// Every process of the fleet with its process number, as it was launched.
    pub fn processes(&self) -> impl Iterator<Item = (Role, i32)> {
        let processes = self.stages.iter().flat_map(|stage| stage.launched());
        processes.map(|(role, pid)| (role, pid.as_raw()))
    }

    /// Its processes at this moment; those of another system come and go.
    fn present(&self) -> Vec<(Role, Pid)> {
        let stages = self.stages.iter();
        stages.flat_map(|stage| stage.present()).collect()
    }

    /// What the fleet has done and spent since it was launched.
    pub fn snapshot(&self) -> Snapshot {
        let workers = self.stages.iter().flat_map(|stage| stage.workers());
        Snapshot {
            dispatcher_cpu: sum(&self.present(), Role::is_dispatcher, CpuTime::of),
            workers: workers.collect(),
        }
    }

    /// CPU time that all processes that are still there have used since they were started: one
    /// system call each, where a snapshot takes several.
    pub fn cpu_time(&self) -> Duration {
        let processes = self.stages.iter().flat_map(|stage| stage.still_there());
        processes.filter_map(|(_, pid)| cpu_time::total(pid)).sum()
    }

    /// Context switches of all threads since each was started.
    pub fn switches(&self) -> BySide<ThreadSwitches> {
        self.by_side(ThreadSwitches::of)
    }

    /// What the processes hold at this moment.
    pub fn holdings(&self) -> BySide<Holdings> {
        self.by_side(Holdings::of)
    }

    /// Counts system calls from now on, with the kernel's [tracepoint](crate::system_call_tracepoint).
    pub fn count_system_calls(&self, tracepoint: u64) -> BySide<SystemCalls> {
        self.by_side(|pid| SystemCalls::of(pid, tracepoint))
    }

    fn by_side<T: Sum>(&self, figure: impl Fn(Pid) -> Option<T>) -> BySide<T> {
        let present = self.present();
        BySide {
            dispatcher: sum(&present, Role::is_dispatcher, &figure),
            workers: sum(&present, |role| !role.is_dispatcher(), &figure),
        }
    }

    /// Processes that have ended since the last call, one sentence each.
    pub fn deaths(&mut self) -> Vec<String> {
        let stages = self.stages.iter_mut();
        stages.flat_map(|stage| stage.deaths()).collect()
    }

    /// The roles of the processes that were launched and have not ended.
    pub fn alive(&mut self) -> Vec<Role> {
        let stages = self.stages.iter_mut();
        stages.flat_map(|stage| stage.alive()).collect()
    }

    /// Ends the fleet gracefully: what is in flight is answered, unless that takes longer than
    /// the [drain time](crate::FleetSpec::drain_within) of each stage.
    ///
    /// Dispatchers are asked first, because what they still hold needs workers; workers when they
    /// can be given no more.
    pub fn stop(mut self) {
        self.guard = None;
        for stage in self.stages {
            stage.stop(self.drain_within);
        }
    }
}

/// Sums a figure over the processes of the chosen roles; `None` without such a process, or if one
/// has no such figure.
fn sum<T: Sum>(
    processes: &[(Role, Pid)],
    chosen: impl Fn(Role) -> bool,
    figure: impl Fn(Pid) -> Option<T>,
) -> Option<T> {
    let mut chosen = processes
        .iter()
        .filter(|(role, _)| chosen(*role))
        .peekable();
    chosen.peek()?;
    chosen.map(|(_, pid)| figure(*pid)).sum()
}
