//! A running fleet.

use std::fmt::Debug;
use std::io;
use std::iter::Sum;
use std::net::SocketAddr;
use std::time::Duration;

use nix::unistd::Pid;

use super::child::Role;
use super::namespace::Namespace;
use super::own_processes::OwnProcesses;
use super::snapshot::Snapshot;
use super::spec::FleetSpec;
use crate::mechanism::peer::RunningPeer;
use crate::usage::{BySide, CpuTime, Holdings, SystemCalls, ThreadSwitches, cpu_time};
use crate::view::Scoreboard;

/// A running fleet with its address: processes that run our own code, those of another system, or
/// such a system with workers of ours behind it. Dropped, it ends all of them; they also end with
/// the process that launched them, however that ends.
#[derive(Debug)]
pub struct Deployment {
    /// What must live as long as the fleet does. It ends first.
    kept: Option<Box<dyn Keepsake>>,
    address: SocketAddr,
    workers: usize,
    // In this order: who is in front ends before the workers behind.
    peer: Option<RunningPeer>,
    crew: Option<OwnProcesses>,
    drain_within: Duration,
    namespace: Option<Namespace>,
}

/// Something whose drop is all that is wanted of it.
trait Keepsake: Debug + Send + Sync {}

impl<T: Debug + Send + Sync> Keepsake for T {}

impl Deployment {
    /// Of our own processes.
    pub(crate) fn of_crew(
        address: SocketAddr,
        crew: OwnProcesses,
        drain_within: Duration,
        namespace: Option<Namespace>,
    ) -> Self {
        Self {
            kept: None,
            address,
            workers: crew.scoreboard().workers(),
            peer: None,
            crew: Some(crew),
            drain_within,
            namespace,
        }
    }

    /// Of another system that has workers of its own.
    pub(crate) fn of_peer(address: SocketAddr, peer: RunningPeer, spec: &FleetSpec) -> Self {
        Self {
            kept: None,
            address,
            workers: spec.workers.get(),
            peer: Some(peer),
            crew: None,
            drain_within: spec.drain_within,
            namespace: None,
        }
    }

    /// The same with another system in front.
    pub(crate) fn behind(self, peer: RunningPeer) -> Self {
        Self {
            peer: Some(peer),
            ..self
        }
    }

    /// Keeps something for as long as the fleet runs.
    pub(crate) fn keep(self, kept: impl Debug + Send + Sync + 'static) -> Self {
        Self {
            kept: Some(Box::new(kept)),
            ..self
        }
    }

    /// Whether the fleet is in a network namespace of its own, so that only who
    /// [enters](Self::enter) it can reach it.
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
        let crew = self.crew.iter().flat_map(OwnProcesses::processes);
        let dispatchers = crew.filter(|(role, _)| role.is_dispatcher()).count();
        let choosers = self.peer.as_ref().map_or(0, RunningPeer::choosers);
        dispatchers + choosers + self.workers
    }

    /// The counters that all processes of the fleet share; `None` if its workers are another
    /// system's.
    pub fn scoreboard(&self) -> Option<&Scoreboard> {
        self.crew.as_ref().map(OwnProcesses::scoreboard)
    }

    /// The other system that runs here, if one does.
    pub fn peer(&self) -> Option<&RunningPeer> {
        self.peer.as_ref()
    }

    /// Process numbers of the workers of another system, by which its answers name them, in
    /// ascending order: that of the workers' own numbers. `None` if the workers are ours.
    pub fn worker_pids(&self) -> Option<Vec<i32>> {
        let peer = self.peer.as_ref().filter(|_| self.crew.is_none())?;
        let workers = peer.launched().filter(|(role, _)| !role.is_dispatcher());
        Some(workers.map(|(_, pid)| pid.as_raw()).collect())
    }

    /// Every process of the fleet with its process number, as it was launched.
    pub fn processes(&self) -> impl Iterator<Item = (Role, i32)> {
        let peers = self.peer.iter().flat_map(RunningPeer::launched);
        let processes = peers.chain(self.crew.iter().flat_map(OwnProcesses::processes));
        processes.map(|(role, pid)| (role, pid.as_raw()))
    }

    /// Its processes at this moment; those of another system come and go.
    fn present(&self) -> Vec<(Role, Pid)> {
        let peers = self.peer.iter().flat_map(RunningPeer::present);
        let crew = self.crew.iter().flat_map(OwnProcesses::processes);
        peers.chain(crew).collect()
    }

    /// What the fleet has done and spent since it was launched.
    pub fn snapshot(&self) -> Snapshot {
        let peers = self.peer.iter().flat_map(RunningPeer::workers);
        let crew = self.crew.iter().flat_map(OwnProcesses::workers);
        Snapshot {
            dispatcher_cpu: sum(&self.present(), Role::is_dispatcher, CpuTime::of),
            workers: peers.chain(crew).collect(),
        }
    }

    /// CPU time that all processes that are still there have used since they were started: one
    /// system call each, where a snapshot takes several.
    pub fn cpu_time(&self) -> Duration {
        let peers = self.peer.iter().flat_map(RunningPeer::still_there);
        let crew = self.crew.iter().flat_map(OwnProcesses::processes);
        let processes = peers.chain(crew);
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
        let peers = self.peer.iter_mut().flat_map(RunningPeer::deaths);
        peers
            .chain(self.crew.iter_mut().flat_map(OwnProcesses::deaths))
            .collect()
    }

    /// What the processes that have not ended are there for.
    pub fn alive(&mut self) -> Vec<Role> {
        let peers = self.peer.iter().flat_map(RunningPeer::still_there);
        let peers = peers.map(|(role, _)| role);
        peers
            .chain(self.crew.iter_mut().flat_map(OwnProcesses::alive))
            .collect()
    }

    /// Ends the fleet in good order: what is in flight is answered, unless that takes longer
    /// than the [drain time](crate::FleetSpec::drain_within) of each stage.
    ///
    /// Who chooses is asked first, because what it still holds needs workers; workers when they
    /// can be given no more.
    pub fn stop(mut self) {
        self.kept = None;
        if let Some(peer) = self.peer {
            peer.stop(self.drain_within);
        }
        if let Some(crew) = self.crew {
            crew.stop(self.drain_within);
        }
    }
}

/// A figure of all processes of some roles together; `None` if there is none, or one has no such
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
