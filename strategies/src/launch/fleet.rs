//! Starting a fleet.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::thread::CapabilitySet;
use serde::Serialize;

use super::child::{Child, Role, describe};
use super::child_setup::ChildSetup;
use super::confinement::Confinement;
use super::control::{CONTROL, NotReady, ParentControl};
use super::fabric::{Fabric, Intake};
use super::inherited::Inherited;
use super::namespace::Namespace;
use super::own_processes::OwnProcesses;
use super::spec::FleetSpec;
use super::worker_config::{Scheduling, WorkerConfig};
use super::{deployment::Deployment, error::LaunchError};
use crate::view::Scoreboard;

/// The name under which every process of a fleet inherits the scoreboard.
pub(crate) const SCOREBOARD: &str = "scoreboard";

/// A fleet that is starting. Dropping it before [`release`](Self::release) ends its processes.
#[derive(Debug)]
pub(crate) struct Fleet<'a> {
    spec: &'a FleetSpec,
    scoreboard: Scoreboard,
    scoreboard_fd: OwnedFd,
    /// Network namespace of its processes, if it is not that of this process.
    namespace: Option<Namespace>,
    starting: Vec<(Child, ParentControl)>,
}

impl<'a> Fleet<'a> {
    /// Creates a fleet without processes, with a scoreboard for the given number of workers.
    pub(crate) fn new(spec: &'a FleetSpec, workers: NonZeroUsize) -> Result<Self, LaunchError> {
        Ok(Self::counting_on(spec, Scoreboard::create(workers)?))
    }

    /// Creates a fleet with an existing scoreboard, and the descriptor with which processes join it.
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

    /// Returns the descriptor with which processes join the scoreboard.
    pub(crate) fn scoreboard(&self) -> &OwnedFd {
        &self.scoreboard_fd
    }

    pub(crate) fn within(self, namespace: Namespace) -> Self {
        Self {
            namespace: Some(namespace),
            ..self
        }
    }

    fn workers(&self) -> Range<usize> {
        0..self.scoreboard.workers()
    }

    pub(crate) fn start_workers(
        &mut self,
        fabric: &mut (impl Fabric + ?Sized),
    ) -> Result<(), LaunchError> {
        for number in self.workers() {
            let (role, numbers) = (Role::Worker(number), number..number + 1);
            self.start_serving(role, numbers, Scheduling::Separate, fabric.intake()?)?;
        }
        Ok(())
    }

    /// Starts one process for all workers. `intake` is that of one worker, or contains a descriptor for each
    /// worker.
    pub(crate) fn start_server(
        &mut self,
        scheduling: Scheduling,
        intake: Intake,
    ) -> Result<(), LaunchError> {
        self.start_serving(Role::Server, self.workers(), scheduling, intake)
    }

    /// Starts a process with the workers of these numbers.
    fn start_serving(
        &mut self,
        role: Role,
        numbers: Range<usize>,
        scheduling: Scheduling,
        intake: Intake,
    ) -> Result<(), LaunchError> {
        let confinement = Confinement::new(self.spec.user.as_ref(), CapabilitySet::empty());
        let config = WorkerConfig {
            child_setup: ChildSetup::by_this_process(&self.spec.cpus).confined(confinement),
            numbers,
            workers: self.scoreboard.workers(),
            scheduling,
            source: intake.source,
            header_within: intake.header_within,
            client_limits: self.spec.client_limits,
            deferred: intake.deferred,
            drain_within: self.spec.drain_within,
        };
        self.start(role, &config, intake.inherited)
    }

    pub(crate) fn start(
        &mut self,
        role: Role,
        config: &impl Serialize,
        inherited: Inherited,
    ) -> Result<(), LaunchError> {
        let (control, childs_end) = ParentControl::pair()?;
        let inherited = inherited
            .with(CONTROL, childs_end)
            .with(SCOREBOARD, self.scoreboard_fd.try_clone()?);
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

    /// Waits until every process is ready, and lets all of them serve at the same time.
    pub(crate) fn release(mut self, address: SocketAddr) -> Result<Deployment, LaunchError> {
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
            control.release()?;
            if child.role.is_dispatcher() {
                dispatchers.push(control);
            }
            children.push(child);
        }
        // Dispatchers are dropped first, since they report an error when workers are gone.
        children.sort_by_key(|child| !child.role.is_dispatcher());
        let workers = self.scoreboard.workers();
        let stage = OwnProcesses::new(children, dispatchers, self.scoreboard);
        Ok(Deployment::new(address, workers, stage, self.spec).within(self.namespace))
    }
}

impl FleetSpec {
    pub(crate) fn explain(&self, reason: NotReady, child: &mut Child) -> String {
        match reason {
            NotReady::Reported(reason) => reason,
            NotReady::Silent => format!(
                "it was not ready within {:?}; check whether the machine is overloaded",
                self.ready_within
            ),
            NotReady::Io(error) => format!("the socket to it failed: {error}"),
            NotReady::Ended => {
                child.wait_until(Instant::now() + REAP_WITHIN);
                let end = child
                    .ended()
                    .map_or_else(|| "closed its socket".to_owned(), describe);
                format!(
                    "it {end}; check that {} is an evenkeel executable of this version",
                    self.executable.display()
                )
            }
        }
    }
}

/// A process needs microseconds between closing its descriptors and being ready to be reaped.
const REAP_WITHIN: Duration = Duration::from_secs(1);
