//! A fleet that is coming up.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::child::{Child, Role, describe, share};
use super::child_setup::ChildSetup;
use super::control::{CONTROL, NotReady, ParentControl};
use super::deployment::Deployment;
use super::error::LaunchError;
use super::inherited::Inherited;
use super::listener::{self, LISTENER};
use super::namespace::Namespace;
use super::own_processes::OwnProcesses;
use super::spec::FleetSpec;
use super::worker_config::{Accept, ConnectionSource, Scheduling, WorkerConfig};
use crate::view::Scoreboard;

/// The name under which every process of a fleet inherits the scoreboard.
pub(crate) const SCOREBOARD: &str = "scoreboard";

/// A fleet that is coming up. Dropped before [`go`](Self::go), it takes its processes along.
#[derive(Debug)]
pub(crate) struct Fleet<'a> {
    spec: &'a FleetSpec,
    scoreboard: Scoreboard,
    scoreboard_fd: OwnedFd,
    /// Where its processes are to be, if not where this one is.
    namespace: Option<Namespace>,
    starting: Vec<(Child, ParentControl)>,
}

impl<'a> Fleet<'a> {
    /// A fleet without processes yet, and a scoreboard for that many workers.
    pub(crate) fn muster(spec: &'a FleetSpec, workers: NonZeroUsize) -> Result<Self, LaunchError> {
        Ok(Self::counting_on(spec, Scoreboard::create(workers)?))
    }

    /// The same with a scoreboard from elsewhere, and the descriptor by which others join it.
    pub(crate) fn counting_on(spec: &'a FleetSpec, scoreboard: (Scoreboard, OwnedFd)) -> Self {
        let (scoreboard, scoreboard_fd) = scoreboard;
        Self {
            spec,
            scoreboard,
            scoreboard_fd,
            namespace: None,
            starting: Vec::new(),
        }
    }

    /// The descriptor by which others join the scoreboard.
    pub(crate) fn scoreboard(&self) -> &OwnedFd {
        &self.scoreboard_fd
    }

    /// The same in a network namespace of its own.
    pub(crate) fn within(self, namespace: Namespace) -> Self {
        Self {
            namespace: Some(namespace),
            ..self
        }
    }

    pub(crate) fn spec(&self) -> &FleetSpec {
        self.spec
    }

    /// The numbers of its workers.
    pub(crate) fn workers(&self) -> Range<usize> {
        0..self.scoreboard.workers()
    }

    /// What a child is told by whoever starts it.
    pub(crate) fn child_setup(&self) -> ChildSetup {
        ChildSetup::by_this_process(&self.spec.cpus)
    }

    /// Starts the next worker, which takes in clients' connections itself. `intake` are the
    /// descriptors that it gets them from.
    pub(crate) fn start_worker(
        &mut self,
        source: ConnectionSource,
        intake: Inherited,
    ) -> Result<(), LaunchError> {
        let header_within = self.spec.proxy_protocol.clients_header_within();
        self.start_worker_behind(header_within, source, intake)
    }

    /// Starts the next worker, which has a dispatcher in front of it. `header_within` says for
    /// how long it waits for the PROXY header with which its connections begin, if they do.
    pub(crate) fn start_worker_behind(
        &mut self,
        header_within: Option<Duration>,
        source: ConnectionSource,
        intake: Inherited,
    ) -> Result<(), LaunchError> {
        let worker = self
            .starting
            .iter()
            .filter(|(child, _)| matches!(child.role, Role::Worker(_)))
            .count();
        let config = WorkerConfig {
            header_within,
            ..self.worker_config(worker..worker + 1, source)
        };
        self.start(Role::Worker(worker), &config, intake)
    }

    /// Starts all workers, each with a listener of its own, behind a dispatcher; the addresses of
    /// these.
    pub(crate) fn start_workers_that_listen(
        &mut self,
        header_within: Option<Duration>,
    ) -> Result<Vec<SocketAddr>, LaunchError> {
        let mut addresses = Vec::with_capacity(self.workers().len());
        for _ in self.workers() {
            let (listener, address) = listener::open((Ipv4Addr::LOCALHOST, 0).into())?;
            addresses.push(address);
            self.start_worker_behind(
                header_within,
                ConnectionSource::Listener(Accept::Edge),
                Inherited::default().with(LISTENER, listener),
            )?;
        }
        Ok(addresses)
    }

    /// Starts one process that is all workers. `intake` is as for one of them, or holds a
    /// descriptor for each.
    pub(crate) fn start_server(
        &mut self,
        scheduling: Scheduling,
        source: ConnectionSource,
        intake: Inherited,
    ) -> Result<(), LaunchError> {
        let config = WorkerConfig {
            scheduling,
            ..self.worker_config(self.workers(), source)
        };
        self.start(Role::Server, &config, intake)
    }

    /// What workers are told that take in clients' connections, each with a runtime of its own.
    fn worker_config(&self, numbers: Range<usize>, source: ConnectionSource) -> WorkerConfig {
        WorkerConfig {
            child_setup: self.child_setup(),
            numbers,
            workers: self.scoreboard.workers(),
            scheduling: Scheduling::Apart,
            source,
            header_within: self.spec.proxy_protocol.clients_header_within(),
            drain_within: self.spec.drain_within,
        }
    }

    /// Starts a process.
    pub(crate) fn start(
        &mut self,
        role: Role,
        config: &impl Serialize,
        inherited: Inherited,
    ) -> Result<(), LaunchError> {
        let (control, childs_end) = ParentControl::pair()?;
        let inherited = inherited
            .with(CONTROL, childs_end)
            .with(SCOREBOARD, share(self.scoreboard_fd.as_fd())?);
        let config = serde_json::to_string(config).map_err(io::Error::other)?;
        let child = Child::spawn(
            &self.spec.executable,
            role,
            &config,
            inherited,
            self.namespace.as_ref(),
        );
        let child = child.map_err(|source| LaunchError::Spawn {
            role,
            executable: self.spec.executable.clone(),
            source,
        })?;
        self.starting.push((child, control));
        Ok(())
    }

    /// Waits until every process is ready, then lets all go at once.
    pub(crate) fn go(mut self, address: SocketAddr) -> Result<Deployment, LaunchError> {
        let deadline = Instant::now() + self.spec.ready_within;
        for (child, control) in &mut self.starting {
            let outcome = control.wait_ready(deadline);
            outcome.map_err(|reason| LaunchError::NotReady {
                role: child.role,
                reason: self.spec.explain(reason, child),
            })?;
        }
        let mut children = Vec::with_capacity(self.starting.len());
        let mut dispatchers = Vec::new();
        for (child, mut control) in self.starting {
            control.go()?;
            if child.role.is_dispatcher() {
                dispatchers.push(control);
            }
            children.push(child);
        }
        // Dropped in this order: a dispatcher that outlived its workers would complain.
        children.sort_by_key(|child| !child.role.is_dispatcher());
        Ok(Deployment::of_crew(
            address,
            OwnProcesses::new(children, dispatchers, self.scoreboard),
            self.spec.drain_within,
            self.namespace,
        ))
    }
}

impl FleetSpec {
    /// What to tell of a child that did not become ready.
    pub(crate) fn explain(&self, reason: NotReady, child: &mut Child) -> String {
        match reason {
            NotReady::Said(words) => words,
            NotReady::Silent => format!(
                "it said nothing for {:?}; is the machine overloaded?",
                self.ready_within
            ),
            NotReady::Io(error) => format!("the socket to it failed: {error}"),
            NotReady::Ended => {
                child.wait_until(Instant::now() + REAP_WITHIN);
                let how = child
                    .ended()
                    .map_or_else(|| "closed its socket".to_owned(), describe);
                format!(
                    "it {how}; is {} an evenkeel executable of this version?",
                    self.executable.display()
                )
            }
        }
    }
}

/// Between closing its descriptors and being reapable a process needs microseconds.
const REAP_WITHIN: Duration = Duration::from_secs(1);
