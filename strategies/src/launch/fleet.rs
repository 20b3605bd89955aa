//! A fleet that is coming up.

use std::io;
use std::net::SocketAddr;
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
use super::fabric::{Fabric, Intake};
use super::inherited::Inherited;
use super::namespace::Namespace;
use super::own_processes::OwnProcesses;
use super::spec::FleetSpec;
use super::worker_config::{Scheduling, WorkerConfig};
use crate::view::Scoreboard;

/// The name under which every process of a fleet inherits the scoreboard.
pub(crate) const SCOREBOARD: &str = "scoreboard";

/// A fleet that is coming up. Dropped before [`release`](Self::release), it ends its processes.
#[derive(Debug)]
pub(crate) struct Fleet<'a> {
    spec: &'a FleetSpec,
    scoreboard: Scoreboard,
    scoreboard_fd: OwnedFd,
    /// Where its processes are put, if not where this one is.
    namespace: Option<Namespace>,
    starting: Vec<(Child, ParentControl)>,
}

impl<'a> Fleet<'a> {
    /// A fleet without processes yet, and a scoreboard for the given number of workers.
    pub(crate) fn new(spec: &'a FleetSpec, workers: NonZeroUsize) -> Result<Self, LaunchError> {
        Ok(Self::counting_on(spec, Scoreboard::create(workers)?))
    }

    /// A fleet with a given scoreboard, and the descriptor by which its processes join that.
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

    /// The descriptor by which processes join the scoreboard.
    pub(crate) fn scoreboard(&self) -> &OwnedFd {
        &self.scoreboard_fd
    }

    /// Puts its processes in a network namespace.
    pub(crate) fn within(self, namespace: Namespace) -> Self {
        Self {
            namespace: Some(namespace),
            ..self
        }
    }

    /// The numbers of its workers.
    fn workers(&self) -> Range<usize> {
        0..self.scoreboard.workers()
    }

    /// Starts all workers.
    pub(crate) fn start_workers(
        &mut self,
        fabric: &mut (impl Fabric + ?Sized),
    ) -> Result<(), LaunchError> {
        for number in self.workers() {
            let (role, numbers) = (Role::Worker(number), number..number + 1);
            self.start_serving(role, numbers, Scheduling::Apart, fabric.intake()?)?;
        }
        Ok(())
    }

    /// Starts one process that is all workers. `intake` is as for one worker, or holds a
    /// descriptor for each.
    pub(crate) fn start_server(
        &mut self,
        scheduling: Scheduling,
        intake: Intake,
    ) -> Result<(), LaunchError> {
        self.start_serving(Role::Server, self.workers(), scheduling, intake)
    }

    /// Starts a process that is the workers of these numbers.
    fn start_serving(
        &mut self,
        role: Role,
        numbers: Range<usize>,
        scheduling: Scheduling,
        intake: Intake,
    ) -> Result<(), LaunchError> {
        let config = WorkerConfig {
            child_setup: ChildSetup::by_this_process(&self.spec.cpus),
            numbers,
            workers: self.scoreboard.workers(),
            scheduling,
            source: intake.source,
            header_within: intake.header_within,
            drain_within: self.spec.drain_within,
        };
        self.start(role, &config, intake.inherited)
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

    /// Waits until every process is ready, then lets all of them serve at once.
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
        // Dropped in this order: a dispatcher that outlived its workers would complain.
        children.sort_by_key(|child| !child.role.is_dispatcher());
        let workers = self.scoreboard.workers();
        let stage = OwnProcesses::new(children, dispatchers, self.scoreboard);
        Ok(Deployment::new(address, workers, stage, self.spec).within(self.namespace))
    }
}

impl FleetSpec {
    /// Explains why a child did not become ready.
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
