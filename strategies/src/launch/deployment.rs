//! A running fleet.

use std::fmt::Debug;
use std::io;
use std::iter::Sum;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::Pid;

use super::fault::Misbehaviour;
use super::master::{Change, ChangeError, FleetEvent};
use super::messages::{Ends, MessageError, Received, ToWorker};
use super::stage::{Stage, System};
use super::{child::Role, host::UnmetRequirement, namespace::Namespace};
use super::{snapshot::Snapshot, spec::FleetSpec};
use crate::usage::{BySide, Holdings, SystemCalls, ThreadSwitches};
use crate::view::Scoreboard;

/// A running fleet with its address. Dropping it ends all its processes. They also end with the process
/// that launched them.
#[derive(Debug)]
pub struct Deployment {
    /// Undoes something when it is dropped, which is done first.
    guard: Option<Box<dyn Debug + Send + Sync>>,
    address: SocketAddr,
    workers: usize,
    /// Stages in the order from clients to workers, in which they also end.
    stages: Vec<Box<dyn Stage>>,
    drain_within: Duration,
    namespace: Option<Namespace>,
}

impl Deployment {
    /// Creates a deployment with one stage and the given number of workers.
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

    /// Adds a stage between the clients and the other stages.
    pub(crate) fn behind(mut self, stage: impl Stage + 'static) -> Self {
        self.stages.insert(0, Box::new(stage));
        self
    }

    pub(crate) fn within(self, namespace: Option<Namespace>) -> Self {
        Self { namespace, ..self }
    }

    /// Keeps a guard as long as the fleet runs.
    pub(crate) fn keep(self, guard: impl Debug + Send + Sync + 'static) -> Self {
        Self {
            guard: Some(Box::new(guard)),
            ..self
        }
    }

    /// Whether the fleet has its own network namespace, so that only a thread that [enters](Self::enter) it
    /// can reach it.
    pub fn is_in_a_network_namespace(&self) -> bool {
        self.namespace.is_some()
    }

    /// Moves the calling thread permanently into the network namespace of the fleet, if it has one. Threads
    /// that it starts later are there too.
    ///
    /// # Errors
    /// The error of the kernel.
    pub fn enter(&self) -> io::Result<()> {
        self.namespace.as_ref().map_or(Ok(()), Namespace::enter)
    }

    /// Returns the address to which clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of launched workers.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Returns the number of threads that choose or serve, which is how many CPUs the fleet can use.
    pub fn threads(&self) -> usize {
        let choosers = self.stages.iter().map(|stage| stage.choosers());
        choosers.sum::<usize>() + self.workers
    }

    /// Returns the scoreboard of the fleet, or `None` if its workers belong to a peer.
    pub fn scoreboard(&self) -> Option<&Scoreboard> {
        self.stages.iter().find_map(|stage| stage.scoreboard())
    }

    /// Returns what is known about the peer in this fleet, if there is one.
    pub fn system(&self) -> Option<&System> {
        self.stages.iter().find_map(|stage| stage.system())
    }

    /// Returns the PIDs of a peer's workers in ascending order, which is the order of the workers' numbers.
    /// Its answers contain these PIDs. Returns `None` if the workers are ours.
    pub fn worker_pids(&self) -> Option<Vec<i32>> {
        if self.scoreboard().is_some() {
            return None;
        }
        let workers = self.processes().filter(|(role, _)| !role.is_dispatcher());
        Some(workers.map(|(_, pid)| pid).collect())
    }

    /// Returns all launched processes of the fleet, with their PIDs. One that was replaced is not among them,
    /// but its successor is.
    pub fn processes(&self) -> impl Iterator<Item = (Role, i32)> {
        let processes = self.stages.iter().flat_map(|stage| stage.launched());
        processes.map(|(role, pid)| (role, pid.as_raw()))
    }

    /// Returns the processes that exist now. Those of a peer may change.
    fn present(&self) -> Vec<(Role, Pid)> {
        let stages = self.stages.iter();
        stages.flat_map(|stage| stage.present()).collect()
    }

    /// Returns the processes that do the work of a role now.
    pub(super) fn processes_with(&self, role: Role) -> Vec<Pid> {
        let stages = self.stages.iter();
        stages
            .flat_map(|stage| stage.processes_with(role))
            .collect()
    }

    /// From now on the end of the process with this role is no crash to report.
    pub(super) fn expect_end(&self, role: Role) {
        self.stages.iter().for_each(|stage| stage.expect_end(role));
    }

    /// Whether one of its workers can misbehave like this. If no stage has such workers, the one next to the clients
    /// says why.
    pub(super) fn stages_can_misbehave(&self, how: &Misbehaviour) -> Result<(), UnmetRequirement> {
        let stages = self.stages.iter();
        let asked = stages.map(|stage| stage.can_misbehave(how));
        let found = asked.reduce(|first, next| first.or_else(|unmet| next.map_err(|_| unmet)));
        found.expect("a deployment has at least one stage")
    }

    /// Returns the figures of the fleet since it was launched.
    pub fn snapshot(&self) -> Snapshot {
        let workers = self.stages.iter().flat_map(|stage| stage.workers());
        let workers: Vec<_> = workers.collect();
        let together = self.stages.iter().find_map(|stage| stage.workers_cpu());
        Snapshot {
            dispatcher_cpu: (self.stages.iter()).find_map(|stage| stage.dispatcher_cpu()),
            master_cpu: self.stages.iter().find_map(|stage| stage.master_cpu()),
            defences: self.stages.iter().find_map(|stage| stage.defences()),
            workers_cpu: together.or_else(|| workers.iter().map(|worker| worker.cpu).sum()),
            workers,
        }
    }

    /// Returns the CPU time of all processes since they were started, up to their ends. It costs one system
    /// call per process, while a snapshot costs several.
    pub fn cpu_time(&self) -> Duration {
        self.stages.iter().map(|stage| stage.cpu_time()).sum()
    }

    /// Returns the context switches of all threads since each was started.
    pub fn switches(&self) -> BySide<ThreadSwitches> {
        self.by_side(ThreadSwitches::of)
    }

    /// Returns the open descriptors and the memory of the processes at this moment.
    pub fn holdings(&self) -> BySide<Holdings> {
        self.by_side(Holdings::of)
    }

    /// Starts to count system calls, with the kernel's [tracepoint](crate::system_call_tracepoint).
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

    /// Carries out a change, and returns when it is complete: new processes serve, and old ones have ended.
    /// Meanwhile other threads may offer load. Changes from several threads are carried out one
    /// after the other.
    ///
    /// # Errors
    /// [`ChangeError`] if the change is not possible or has failed. The fleet goes on with the workers that
    /// it has.
    pub fn change(&self, change: &Change) -> Result<(), ChangeError> {
        self.stage_for(change)?.change(change)
    }

    /// Abandons all changes that are under way in other threads. What has begun with one worker is completed.
    pub fn abandon_changes(&self) {
        let stages = self.stages.iter();
        stages.for_each(|stage| stage.abandon_changes());
    }

    /// Whether this change can be carried out.
    ///
    /// # Errors
    /// [`UnmetRequirement`] with the reason, if the strategy, or the system that serves, cannot do it.
    pub fn can_change(&self, change: &Change) -> Result<(), UnmetRequirement> {
        self.stage_for(change).map(drop)
    }

    /// Returns the first stage that can carry out a change, or why the one next to the clients cannot.
    fn stage_for(&self, change: &Change) -> Result<&dyn Stage, UnmetRequirement> {
        let stages = self.stages.iter();
        let asked = stages.map(|stage| stage.can_change(change).map(|()| &**stage));
        let found = asked.reduce(|first, next| first.or_else(|unmet| next.map_err(|_| unmet)));
        found.expect("a deployment has at least one stage")
    }

    /// Sends a message to a worker. It reaches the life that is admitted. It does not wait: if the worker has
    /// not read some hundred earlier ones, it is refused.
    ///
    /// # Errors
    /// [`MessageError`] that names the worker, if it is gone or does not read, or if workers take no messages.
    pub fn send(&self, worker: usize, message: &ToWorker) -> Result<(), MessageError> {
        self.messages()?.send(worker, message)
    }

    /// Sends a message to all workers that serve. With workers that are threads, their process gets it once.
    ///
    /// # Errors
    /// [`MessageError`] that names a worker that has not read its last messages, or if workers take none. The
    /// others have got it.
    pub fn broadcast(&self, message: &ToWorker) -> Result<(), MessageError> {
        self.messages()?.broadcast(message)
    }

    /// Returns the next message from a worker, and waits for it if there is none. `None` if none has arrived
    /// within this time. If nobody receives them, the oldest of 1024 are dropped.
    ///
    /// # Errors
    /// [`MessageError::Foreign`] if workers send no messages.
    pub fn receive(&self, within: Duration) -> Result<Option<Received>, MessageError> {
        Ok(self.messages()?.receive(within))
    }

    pub(super) fn messages(&self) -> Result<&Arc<Ends>, MessageError> {
        let mut stages = self.stages.iter();
        let found = stages.find_map(|stage| stage.messages());
        found.ok_or(MessageError::Foreign)
    }

    /// Returns everything that has happened to the processes of the fleet so far, in the order of time.
    pub fn events(&self) -> Vec<FleetEvent> {
        let stages = self.stages.iter();
        let mut events: Vec<_> = stages.flat_map(|stage| stage.events()).collect();
        events.sort_by_key(|event| event.at);
        events
    }

    /// Returns one sentence for each process that has crashed since the last call.
    pub fn deaths(&mut self) -> Vec<String> {
        let stages = self.stages.iter_mut();
        stages.flat_map(|stage| stage.deaths()).collect()
    }

    /// Returns the roles of the launched processes that have not ended, or will be
    /// [respawned](crate::FleetSpec::respawn).
    pub fn alive(&mut self) -> Vec<Role> {
        let stages = self.stages.iter_mut();
        stages.flat_map(|stage| stage.alive()).collect()
    }

    /// Ends the fleet gracefully: requests in flight are answered, unless that takes longer than the
    /// [drain time](crate::FleetSpec::drain_within) of each stage.
    ///
    /// Dispatchers end first, since they need workers for what they have. Workers end when dispatchers give
    /// them nothing more.
    pub fn stop(mut self) {
        self.guard = None;
        for stage in self.stages {
            stage.stop(self.drain_within);
        }
    }
}

/// Sums a figure over the processes with some roles. Returns `None` if there are none, or one has no
/// figure.
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
