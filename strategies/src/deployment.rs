//! A running fleet.

use std::fmt::Debug;
use std::io;
use std::iter::Sum;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use crate::child::{Child, Role, describe};
use crate::control::ParentControl;
use crate::cpu_time::{self, CpuTime};
use crate::namespace::Namespace;
use crate::scoreboard::{Scoreboard, Slot};
use crate::usage::{BySide, Holdings, SystemCalls, ThreadSwitches};

/// A running fleet with its address. Dropped, it kills and reaps its processes; they also die
/// with the process that launched them, however that ends.
#[derive(Debug)]
pub struct Deployment {
    /// What must live as long as the fleet does. It ends first.
    kept: Option<Box<dyn Keepsake>>,
    address: SocketAddr,
    children: Vec<Child>,
    /// What the dispatchers close when they give no more to workers.
    dispatchers: Vec<ParentControl>,
    scoreboard: Scoreboard,
    drain_within: Duration,
    deaths_told: Vec<Role>,
    namespace: Option<Namespace>,
}

/// Something whose drop is all that is wanted of it.
trait Keepsake: Debug + Send + Sync {}

impl<T: Debug + Send + Sync> Keepsake for T {}

/// What a fleet has done and spent since it was launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// CPU time of all dispatchers; `None` where there is none, or one is gone.
    pub dispatcher_cpu: Option<CpuTime>,
    /// Each worker's figures, in the order of their numbers.
    pub workers: Vec<WorkerSnapshot>,
}

/// What a worker has done and spent since it was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerSnapshot {
    /// Connections that it has taken in.
    pub connections_accepted: u64,
    /// Requests that it has answered.
    pub requests_served: u64,
    /// Its CPU time: that of its process, or of its thread where several are in one process;
    /// `None` if it is gone.
    pub cpu: Option<CpuTime>,
}

impl Deployment {
    pub(crate) fn new(
        address: SocketAddr,
        children: Vec<Child>,
        dispatchers: Vec<ParentControl>,
        scoreboard: Scoreboard,
        drain_within: Duration,
        namespace: Option<Namespace>,
    ) -> Self {
        Self {
            address,
            children,
            dispatchers,
            scoreboard,
            drain_within,
            deaths_told: Vec::new(),
            namespace,
            kept: None,
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
    pub fn is_apart(&self) -> bool {
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
        self.scoreboard.workers()
    }

    /// Threads that choose or serve: as many CPUs as the fleet can keep busy.
    pub fn threads(&self) -> usize {
        let dispatchers = self
            .children
            .iter()
            .filter(|child| child.role.is_dispatcher());
        dispatchers.count() + self.workers()
    }

    /// The counters that all processes of the fleet share.
    pub fn scoreboard(&self) -> &Scoreboard {
        &self.scoreboard
    }

    /// Every process of the fleet with its process number.
    pub fn processes(&self) -> impl Iterator<Item = (Role, i32)> {
        self.children
            .iter()
            .map(|child| (child.role, child.pid().as_raw()))
    }

    /// What the fleet has done and spent since it was launched.
    pub fn snapshot(&self) -> Snapshot {
        let servers = self
            .children
            .iter()
            .filter(|child| !child.role.is_dispatcher());
        Snapshot {
            dispatcher_cpu: self.sum(Role::is_dispatcher, CpuTime::of),
            workers: servers
                .flat_map(|child| self.crew_snapshot(child))
                .collect(),
        }
    }

    /// CPU time that all processes that are still there have used since they were started: one
    /// system call each, where a snapshot takes several.
    pub fn cpu_time(&self) -> Duration {
        let children = self.children.iter();
        children
            .filter_map(|child| cpu_time::total(child.pid()))
            .sum()
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
        BySide {
            dispatcher: self.sum(Role::is_dispatcher, &figure),
            workers: self.sum(|role| !role.is_dispatcher(), &figure),
        }
    }

    /// A figure of all processes of some roles together; `None` if there is none, or one has no
    /// such figure.
    fn sum<T: Sum>(
        &self,
        chosen: impl Fn(Role) -> bool,
        figure: impl Fn(Pid) -> Option<T>,
    ) -> Option<T> {
        let chosen = self.children.iter().filter(|child| chosen(child.role));
        let pids: Vec<Pid> = chosen.map(Child::pid).collect();
        let sum = pids.iter().map(|pid| figure(*pid)).sum::<Option<T>>();
        sum.filter(|_| !pids.is_empty())
    }

    /// The workers that a process is.
    fn crew_snapshot(&self, child: &Child) -> Vec<WorkerSnapshot> {
        let process = child.pid();
        let of_thread = |slot: Slot<'_>| CpuTime::of_thread(process, slot.thread()?);
        match child.role {
            Role::Dispatcher(_) => Vec::new(),
            Role::Worker(number) => {
                vec![self.worker_snapshot(number, |_| CpuTime::of(process))]
            }
            Role::Server => (0..self.workers())
                .map(|number| self.worker_snapshot(number, of_thread))
                .collect(),
        }
    }

    fn worker_snapshot(
        &self,
        number: usize,
        cpu: impl FnOnce(Slot<'_>) -> Option<CpuTime>,
    ) -> WorkerSnapshot {
        let slot = self.scoreboard.slot(number);
        WorkerSnapshot {
            connections_accepted: slot.connections_accepted(),
            requests_served: slot.requests_served(),
            cpu: cpu(slot),
        }
    }

    /// Processes that have ended since the last call, one sentence each.
    pub fn deaths(&mut self) -> Vec<String> {
        let told = &mut self.deaths_told;
        let mut deaths = Vec::new();
        for child in &mut self.children {
            if !told.contains(&child.role)
                && let Some(status) = child.ended()
            {
                told.push(child.role);
                deaths.push(format!(
                    "{} (process {}) {}",
                    child.role,
                    child.pid(),
                    describe(status)
                ));
            }
        }
        deaths
    }

    /// What the processes that have not ended are there for.
    pub fn alive(&mut self) -> Vec<Role> {
        let children = self.children.iter_mut();
        let running = children.filter_map(|child| child.ended().is_none().then_some(child.role));
        running.collect()
    }

    /// Ends the fleet in good order: what is in flight is answered, unless that takes longer
    /// than the [drain time](crate::FleetSpec::drain_within) of each stage.
    ///
    /// Dispatchers are asked first, because what they still hold needs workers; workers when
    /// they can be given no more.
    pub fn stop(mut self) {
        self.kept = None;
        self.ask_to_end(Role::is_dispatcher);
        let deadline = self.deadline();
        for dispatcher in &self.dispatchers {
            dispatcher.wait_closed(deadline);
        }
        self.ask_to_end(|role| !role.is_dispatcher());
        let deadline = self.deadline();
        for child in &mut self.children {
            child.wait_until(deadline);
        }
    }

    fn ask_to_end(&mut self, chosen: fn(Role) -> bool) {
        let chosen = self.children.iter_mut().filter(|child| chosen(child.role));
        chosen.for_each(Child::terminate);
    }

    /// A process keeps to the drain time by itself; beyond it lies only its own clean-up.
    fn deadline(&self) -> Instant {
        Instant::now() + self.drain_within + CLEAN_UP
    }
}

/// What a process may need to end once it has nothing left to do.
const CLEAN_UP: Duration = Duration::from_millis(500);
