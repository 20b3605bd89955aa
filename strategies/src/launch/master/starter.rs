//! Starting the processes of a fleet.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::event::{FleetEvent, FleetEventKind};
use super::grouping::Grouping;
use super::roster::{Member, Roster};
use crate::defence::{JOURNAL, Journal};
use crate::launch::child::{Child, Role};
use crate::launch::child_setup::ChildSetup;
use crate::launch::command::WorkerCommand;
use crate::launch::connection_limits::ConnectionLimits;
use crate::launch::control::{CONTROL, ParentControl};
use crate::launch::fabric::Intake;
use crate::launch::messages::Ends;
use crate::launch::worker_config::WorkerConfig;
use crate::launch::{SCOREBOARD, error::LaunchError, inherited::Inherited, spec::FleetSpec};
use crate::launch::{namespace::Namespace, spec::Size};
use crate::view::{Life, Scoreboard};

/// What is needed to start one more process of a fleet, at any time.
#[derive(Debug)]
pub(in crate::launch) struct Starter {
    pub(in crate::launch) spec: FleetSpec,
    pub(in crate::launch) size: Size,
    pub(in crate::launch) scoreboard: Scoreboard,
    /// The descriptor with which processes join the scoreboard.
    pub(in crate::launch) scoreboard_fd: OwnedFd,
    /// What defences have done, if any is on, and the descriptor with which processes join it.
    pub(in crate::launch) journal: Option<(Journal, OwnedFd)>,
    /// Ends of the sockets for messages to workers.
    pub(in crate::launch) messages: Arc<Ends>,
    /// Network namespace of its processes, if it is not that of this process.
    pub(in crate::launch) namespace: Option<Namespace>,
}

/// A process that was started and is not ready yet. Dropping it ends the process.
#[derive(Debug)]
pub(in crate::launch) struct Started {
    pub(in crate::launch) child: Child,
    pub(in crate::launch) generation: u32,
    pub(in crate::launch) control: ParentControl,
    /// Before it was created, and when it ran its program.
    times: (Instant, Instant),
    /// When it reported that it is ready, if it has.
    pub(in crate::launch) ready_at: Option<Instant>,
}

impl Starter {
    /// Starts the process with the workers of a place.
    pub(in crate::launch) fn start_workers(
        &self,
        grouping: Grouping,
        life: Life,
        intake: Intake,
    ) -> Result<Started, LaunchError> {
        let confinement = self.spec.confinement_of_workers();
        let command = self.spec.command.clone();
        let variables = command.as_ref().map(WorkerCommand::variables);
        let connection_limits = self.connection_limits(life, &intake);
        let inherited = intake.inherited;
        let mut inherited = inherited.with_variables(variables.unwrap_or_default());
        if command.is_none() {
            let numbers = grouping.numbers(life.place);
            inherited = self.messages.open(life, numbers, inherited)?;
        }
        let config = WorkerConfig {
            child_setup: ChildSetup::by_this_process(&self.spec.cpus).confined(confinement),
            numbers: grouping.numbers(life.place),
            workers: self.scoreboard.workers(),
            generation: life.generation,
            scheduling: grouping.scheduling(),
            source: intake.source,
            header_within: intake.header_within,
            client_limits: self.spec.client_limits,
            connection_limits,
            deferred: intake.deferred,
            drain_within: self.spec.drain_within,
            command,
            counter: self.spec.counter,
            heartbeat: self.spec.defences.stall.is_some(),
        };
        let role = grouping.role(life.place);
        self.start(role, life.generation, &config, inherited)
    }

    /// Returns the limits of the clients' connections, if this worker has them.
    fn connection_limits(&self, life: Life, intake: &Intake) -> ConnectionLimits {
        // Different processes must not draw the same ages.
        let number = (life.place as u64) << 32 | u64::from(life.generation);
        match intake.has_clients {
            true => (self.spec.connection_limits).seeded(self.spec.seed.wrapping_add(number)),
            false => ConnectionLimits::default(),
        }
    }

    pub(in crate::launch) fn start(
        &self,
        role: Role,
        generation: u32,
        config: &impl Serialize,
        inherited: Inherited,
    ) -> Result<Started, LaunchError> {
        let (control, childs_end) = ParentControl::pair()?;
        let mut inherited = inherited
            .with(CONTROL, childs_end)
            .with(SCOREBOARD, self.scoreboard_fd.try_clone()?);
        if let Some((_, journal)) = &self.journal {
            inherited = inherited.with(JOURNAL, journal.try_clone()?);
        }
        let config = serde_json::to_string(config).map_err(io::Error::other)?;
        let (executable, namespace) = (&self.spec.executable, self.namespace.as_ref());
        let forked_at = Instant::now();
        let child = Child::spawn(executable, role, &config, inherited, namespace);
        let child = child.map_err(|source| LaunchError::Spawn {
            role,
            executable: executable.clone(),
            source,
        })?;
        Ok(Started {
            child,
            generation,
            control,
            times: (forked_at, Instant::now()),
            ready_at: None,
        })
    }
}

impl Started {
    /// Adds a process to the roster of a fleet that serves. Returns what is left: the way to tell it something.
    pub(in crate::launch) fn join(self, roster: &Roster) -> ParentControl {
        let (role, generation) = (self.child.role, self.generation);
        roster.add(Member::new(self.child, generation));
        roster.note_of(role, generation, FleetEventKind::Online);
        self.control
    }

    /// Adds a process with which a fleet is launched, and its start, to the roster. Returns what is left.
    pub(in crate::launch) fn enter(self, roster: &Roster) -> ParentControl {
        let (forked_at, online_at) = self.times;
        let pid = self.child.pid().as_raw();
        let event = |at, what, pid| FleetEvent {
            at,
            role: self.child.role,
            generation: self.generation,
            pid,
            what,
        };
        roster.note(event(forked_at, FleetEventKind::Fork, None));
        roster.note(event(online_at, FleetEventKind::Online, Some(pid)));
        if let Some(ready_at) = self.ready_at {
            roster.note(event(ready_at, FleetEventKind::Listening, Some(pid)));
        }
        roster.add(Member::new(self.child, self.generation));
        self.control
    }
}
