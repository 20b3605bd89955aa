//! Starting a fleet.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::child::{Child, Role, describe};
use super::control::NotReady;
use super::fabric::Fabric;
use super::inherited::Inherited;
use super::listener::LISTENER;
use super::master::{
    DispatcherParts, FleetEventKind, Grouping, Master, MasterThread, Roster, Started, Starter,
};
use super::messages::{Ends, Reader};
use super::namespace::Namespace;
use super::own_processes::OwnProcesses;
use super::spec::{FleetSpec, Size};
use super::worker_config::Scheduling;
use super::{deployment::Deployment, error::LaunchError};
use crate::defence::Journal;
use crate::view::{Life, Scoreboard};

/// The name under which every process of a fleet inherits the scoreboard.
pub(crate) const SCOREBOARD: &str = "scoreboard";

/// A fleet that is starting. Dropping it before [`release`](Self::release) ends its processes.
#[derive(Debug)]
pub(crate) struct Fleet {
    starter: Starter,
    grouping: Grouping,
    dispatchers: Vec<DispatcherParts>,
    starting: Vec<Started>,
}

impl Fleet {
    /// Creates a fleet without processes, with a scoreboard for its places.
    pub(crate) fn new(spec: &FleetSpec, size: Size) -> Result<Self, LaunchError> {
        let scoreboard = Scoreboard::create(size.places)?;
        Self::counting_on(spec, size, scoreboard)
    }

    /// Creates a fleet with an existing scoreboard, and the descriptor with which processes join it.
    pub(crate) fn counting_on(
        spec: &FleetSpec,
        size: Size,
        scoreboard: (Scoreboard, OwnedFd),
    ) -> Result<Self, LaunchError> {
        let (scoreboard, scoreboard_fd) = scoreboard;
        let starter = Starter {
            spec: spec.clone(),
            size,
            scoreboard,
            scoreboard_fd,
            journal: (!spec.defences.are_off())
                .then(Journal::create)
                .transpose()?,
            messages: Arc::new(Ends::new(size.places.get())?),
            namespace: None,
        };
        Ok(Self {
            starter,
            grouping: Grouping::Processes,
            dispatchers: Vec::new(),
            starting: Vec::new(),
        })
    }

    /// Returns the descriptor with which processes join the scoreboard.
    pub(crate) fn scoreboard(&self) -> &OwnedFd {
        &self.starter.scoreboard_fd
    }

    pub(crate) fn within(mut self, namespace: Namespace) -> Self {
        self.starter.namespace = Some(namespace);
        self
    }

    pub(crate) fn start_workers(
        &mut self,
        fabric: &mut (impl Fabric + ?Sized),
    ) -> Result<(), LaunchError> {
        for place in 0..self.starter.size.workers.get() {
            self.start_place(fabric, place)?;
        }
        Ok(())
    }

    /// Starts one process for all workers. It has the intakes of all of them, or one that they share.
    pub(crate) fn start_server(
        &mut self,
        scheduling: Scheduling,
        fabric: &mut (impl Fabric + ?Sized),
    ) -> Result<(), LaunchError> {
        self.grouping = Grouping::Threads {
            scheduling,
            size: self.starter.size,
        };
        self.start_place(fabric, 0)
    }

    /// Starts the process of a place.
    fn start_place(
        &mut self,
        fabric: &mut (impl Fabric + ?Sized),
        place: usize,
    ) -> Result<(), LaunchError> {
        let life = Life::first(place);
        let intake = self.grouping.intake(fabric, life)?;
        let started = self.starter.start_workers(self.grouping, life, intake)?;
        self.starting.push(started);
        Ok(())
    }

    /// Starts the next dispatcher.
    pub(crate) fn start_dispatcher(
        &mut self,
        config: &impl Serialize,
        listener: OwnedFd,
        inherited: Inherited,
    ) -> Result<(), LaunchError> {
        let role = Role::Dispatcher(self.dispatchers.len());
        self.dispatchers
            .push(DispatcherParts::new(config, &listener)?);
        let inherited = inherited.with(LISTENER, listener);
        let started = self.starter.start(role, 0, config, inherited)?;
        self.starting.push(started);
        Ok(())
    }

    /// Waits until every process is ready, and lets all of them serve at the same time. From then on a master
    /// has the fabric.
    pub(crate) fn release(
        self,
        address: SocketAddr,
        fabric: Box<dyn Fabric>,
    ) -> Result<Deployment, LaunchError> {
        let Self {
            mut starter,
            grouping,
            dispatchers,
            mut starting,
        } = self;
        let (can_change, can_refuse) = (fabric.can_change(), fabric.can_refuse());
        starter.spec.respawn = starter.spec.respawn.filter(|_| can_change.is_ok());
        let roster = Arc::new(Roster::new(&starter.spec));
        wait_until_ready(&mut starting, &starter.spec)?;
        for started in &mut starting {
            started.control.release()?;
        }
        // Dispatchers are dropped first, since they report an error when workers are gone.
        starting.sort_by_key(|started| !started.child.role.is_dispatcher());
        let (spec, size) = (starter.spec.clone(), starter.size);
        let (scoreboard, namespace) = (starter.scoreboard.clone(), starter.namespace.clone());
        let choosers = dispatchers.len();
        let journal = starter.journal.as_ref().map(|(journal, _)| journal.clone());
        let messages = Reader::start(Arc::clone(&starter.messages), &spec.cpus)?;
        let mut master =
            MasterThread::new(starter, fabric, grouping, dispatchers, Arc::clone(&roster));
        for started in starting {
            let (role, pid) = (started.child.role, started.child.pid());
            let control = started.enter(&roster);
            roster.note_of(role, 0, FleetEventKind::Admitted);
            master.watch(role, pid, control)?;
        }
        let master = Master::start(master)?;
        let stage = OwnProcesses::new(
            roster, master, messages, choosers, scoreboard, grouping, can_change,
        )
        .refusing(can_refuse)
        .running(&spec)
        .defended(journal);
        Ok(Deployment::new(address, size.workers.get(), stage, &spec).within(namespace))
    }
}

/// Waits until every process is ready.
fn wait_until_ready(starting: &mut [Started], spec: &FleetSpec) -> Result<(), LaunchError> {
    let deadline = Instant::now() + spec.ready_within;
    for started in starting {
        let outcome = started.control.wait_ready(deadline);
        outcome.map_err(|reason| LaunchError::NotReady {
            role: started.child.role,
            reason: spec.explain(reason, || end_of(&mut started.child)),
        })?;
        started.ready_at = Some(Instant::now());
    }
    Ok(())
}

impl FleetSpec {
    /// Describes why a process is not ready. `end` describes how it ended, if it did.
    pub(crate) fn explain(&self, reason: NotReady, end: impl FnOnce() -> String) -> String {
        match reason {
            NotReady::Reported(reason) => reason,
            NotReady::Silent => format!(
                "it was not ready within {:?}; check whether the machine is overloaded",
                self.ready_within
            ),
            NotReady::Io(error) => format!("the socket to it failed: {error}"),
            NotReady::Ended => format!(
                "it {}; check that {} is an evenkeel executable of this version",
                end(),
                self.executable.display()
            ),
        }
    }
}

/// Describes how a child ended that has closed its socket.
pub(crate) fn end_of(child: &mut Child) -> String {
    child.wait_until(Instant::now() + REAP_WITHIN);
    let end = child.ended();
    end.map_or_else(|| "closed its socket".to_owned(), describe)
}

/// A process needs microseconds between closing its descriptors and being ready to be reaped.
const REAP_WITHIN: Duration = Duration::from_secs(1);
