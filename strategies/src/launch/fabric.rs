//! Fabrics: what connects clients and workers.

use std::fmt::Debug;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;

use super::kept_listeners::KeptListeners;
use super::listener::{self, LISTENER};
use super::membership::{Dispatchers, MEMBERSHIP, Message};
use super::spec::FleetSpec;
use super::worker_config::{AcceptMode, ConnectionSource};
use super::{error::LaunchError, host::UnmetRequirement, inherited::Inherited};
use crate::view::{Life, Waiting};

/// The sockets, channels and rules between the clients and the workers of one fleet. The master owns it and
/// calls it when workers come and go. A call blocks the master, so it must end within a time.
pub(crate) trait Fabric: Debug + Send {
    /// Opens the intake of one more life.
    fn intake(&mut self, life: Life) -> Result<Intake, LaunchError>;

    /// From now on this life may be chosen. It is not called for those with which the fleet was launched.
    fn admit(&mut self, _life: Life) -> io::Result<()> {
        Ok(())
    }

    /// From now on this life gets nothing new. It is called once for each life, also if it has crashed or was
    /// never admitted. `successor` says whether another life has its place, or is about to have it. Returns
    /// what becomes of the connections that wait at its intake.
    fn retire(&mut self, life: Life, successor: bool) -> io::Result<Waiting>;

    /// Whether a connection waits for this life at its intake, as far as can be seen from outside.
    fn is_awaited(&self, _life: Life) -> bool {
        false
    }

    /// Until it resumes, this life gets nothing new, where the fabric can do that. It is stalled. If the fleet
    /// rescues, dispatchers also take back what waits at its intake.
    fn suspend(&mut self, _life: Life) -> io::Result<()> {
        Ok(())
    }

    /// This life gets something again.
    fn resume(&mut self, _life: Life) -> io::Result<()> {
        Ok(())
    }

    /// Returns connections that wait at the intake of this life, for other workers.
    fn take_waiting(&mut self, _life: Life) -> Vec<OwnedFd> {
        Vec::new()
    }

    /// No worker is left, and none will come unless a change brings one. It may be called more than once.
    fn deserted(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Returns this fabric as one with dispatchers, if it has some.
    fn dispatched(&mut self) -> Option<&mut dyn DispatchedFabric> {
        None
    }

    /// Whether each worker has a listener of its own, which it can close and open again.
    fn can_refuse(&self) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    /// Whether workers can be added, replaced and taken out.
    fn can_change(&self) -> Result<(), UnmetRequirement> {
        Ok(())
    }
}

/// The fabric of a fleet with dispatchers.
pub(crate) trait DispatchedFabric: Fabric {
    /// Returns what connects this dispatcher to all workers with an intake.
    fn links(&mut self, dispatcher: usize) -> io::Result<Links>;

    /// Returns the master's ends of the membership sockets.
    fn dispatchers(&mut self) -> &mut Dispatchers;

    /// Returns what connects the successor of a dispatcher to its predecessor, which gives it the workers.
    fn links_of_successor(&mut self, dispatcher: usize) -> io::Result<Inherited> {
        self.dispatchers().add_successor(dispatcher)
    }
}

/// The intake of a worker: where it gets its connections from.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) source: ConnectionSource,
    pub(crate) inherited: Inherited,
    /// How long the worker waits for a PROXY header, if connections begin with one.
    pub(crate) header_within: Option<Duration>,
    /// Whether the kernel has waited for the first byte of each connection.
    pub(crate) deferred: bool,
    /// Whether each of its connections is that of a client, rather than one that is kept for all of them.
    pub(crate) has_clients: bool,
}

impl Intake {
    /// Creates an intake with a listener, which the runtime watches.
    pub(crate) fn listener(listener: OwnedFd, header_within: Option<Duration>) -> Self {
        Self {
            source: ConnectionSource::Listener(AcceptMode::Edge),
            inherited: Inherited::default().with(LISTENER, listener),
            header_within,
            deferred: false,
            has_clients: true,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) inherited: Inherited,
    /// Addresses of the workers, if the dispatcher connects to them.
    pub(crate) upstreams: Vec<SocketAddr>,
}

/// One listener that every worker inherits, so none is lost with a worker.
#[derive(Debug)]
pub(crate) struct CommonListener {
    pub(crate) listener: OwnedFd,
    pub(crate) accept: AcceptMode,
    /// What workers inherit besides, by name.
    pub(crate) besides: Option<(&'static str, OwnedFd)>,
    pub(crate) header_within: Option<Duration>,
}

impl CommonListener {
    /// Creates the fabric of workers that wait in the usual way.
    pub(crate) fn new(listener: OwnedFd, header_within: Option<Duration>) -> Self {
        Self {
            listener,
            accept: AcceptMode::Edge,
            besides: None,
            header_within,
        }
    }
}

impl Fabric for CommonListener {
    fn intake(&mut self, _life: Life) -> Result<Intake, LaunchError> {
        let mut intake = Intake::listener(self.listener.try_clone()?, self.header_within);
        intake.source = ConnectionSource::Listener(self.accept);
        if let Some((name, descriptor)) = &self.besides {
            intake.inherited = intake.inherited.with(name, descriptor.try_clone()?);
        }
        Ok(intake)
    }

    fn retire(&mut self, _life: Life, _successor: bool) -> io::Result<Waiting> {
        Ok(match self.accept {
            AcceptMode::Edge | AcceptMode::Level | AcceptMode::Mutex => Waiting::Left,
            // The kernel has woken this worker alone for some of them.
            AcceptMode::Exclusive | AcceptMode::Blocking => Waiting::Taken,
        })
    }

    fn can_refuse(&self) -> Result<(), UnmetRequirement> {
        Err(UnmetRequirement(
            "its workers take connections from a common listening socket, so no worker can refuse some alone"
                .to_owned(),
        ))
    }
}

/// A listener for each worker, to which dispatchers connect.
#[derive(Debug)]
pub(crate) struct Upstreams {
    open: listener::Open,
    /// The workers that have an intake, and their addresses.
    workers: Vec<(Life, SocketAddr)>,
    header_within: Option<Duration>,
    /// Whether dispatchers open a connection for each one of a client.
    has_clients: bool,
    dispatchers: Dispatchers,
    kept: KeptListeners,
}

impl Upstreams {
    /// Creates the fabric. `header_within` is how long workers wait for the PROXY header of a dispatcher, if
    /// it sends one.
    pub(crate) fn new(spec: &FleetSpec, header_within: Option<Duration>) -> Self {
        Self {
            open: spec.open_of_worker(),
            workers: Vec::new(),
            header_within,
            has_clients: true,
            dispatchers: Dispatchers::default(),
            kept: KeptListeners::of(spec),
        }
    }

    /// Returns the fabric of dispatchers that keep connections to workers for the requests of all clients.
    pub(crate) fn kept(self) -> Self {
        let has_clients = false;
        Self {
            has_clients,
            ..self
        }
    }

    /// Returns the addresses of the workers, in the order of their intakes.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.workers.iter().map(|(_, address)| *address).collect()
    }
}

impl Fabric for Upstreams {
    fn intake(&mut self, life: Life) -> Result<Intake, LaunchError> {
        let (listener, address) = (self.open)((Ipv4Addr::LOCALHOST, 0).into())?;
        self.workers.push((life, address));
        self.kept.keep(life, &listener)?;
        Ok(Intake {
            has_clients: self.has_clients,
            ..Intake::listener(listener, self.header_within)
        })
    }

    fn admit(&mut self, life: Life) -> io::Result<()> {
        let worker = self.workers.iter().find(|(worker, _)| *worker == life);
        let upstream = worker.map(|(_, address)| *address);
        let message = Message::Admit { life, upstream };
        self.dispatchers.tell(&message, &[])
    }

    fn retire(&mut self, life: Life, _successor: bool) -> io::Result<Waiting> {
        self.workers.retain(|(worker, _)| *worker != life);
        self.kept.close(life);
        self.dispatchers.tell(&Message::Retire { life }, &[])?;
        Ok(Waiting::Taken)
    }

    fn is_awaited(&self, life: Life) -> bool {
        self.kept.is_awaited(life)
    }

    fn suspend(&mut self, life: Life) -> io::Result<()> {
        self.dispatchers.tell(&Message::Suspend { life }, &[])
    }

    fn resume(&mut self, life: Life) -> io::Result<()> {
        self.dispatchers.tell(&Message::Resume { life }, &[])
    }

    fn take_waiting(&mut self, life: Life) -> Vec<OwnedFd> {
        self.kept.take_waiting(life)
    }

    fn deserted(&mut self) -> io::Result<()> {
        self.dispatchers.tell(&Message::Deserted, &[])
    }

    fn dispatched(&mut self) -> Option<&mut dyn DispatchedFabric> {
        Some(self)
    }

    /// Another system in front of our workers knows them from its start only.
    fn can_change(&self) -> Result<(), UnmetRequirement> {
        match self.dispatchers.is_empty() {
            false => Ok(()),
            true => Err(UnmetRequirement(
                "what lies between clients and workers has a fixed list of workers".to_owned(),
            )),
        }
    }
}

impl DispatchedFabric for Upstreams {
    fn links(&mut self, _dispatcher: usize) -> io::Result<Links> {
        Ok(Links {
            inherited: Inherited::default().with(MEMBERSHIP, self.dispatchers.add()?),
            upstreams: self.addresses(),
        })
    }

    fn dispatchers(&mut self) -> &mut Dispatchers {
        &mut self.dispatchers
    }
}
