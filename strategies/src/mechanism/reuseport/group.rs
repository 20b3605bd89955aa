//! The group of listeners, and how it follows workers that come and go.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::slice;

use rustix::net::Shutdown;

use super::chooser::{Chooser, Program};
use crate::launch::{
    Fabric, FleetSpec, Intake, KeptListeners, LaunchError, Namespace, UnmetRequirement, listener,
};
use crate::view::{Life, Waiting};

/// Who has the listener of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The worker alone. Its successor opens another one, and the kernel resets what waits in the old one as
    /// it closes.
    Worker,
    /// Also the master, which lets the successor inherit it. What waits there waits for the successor.
    Master,
}

/// The listeners of all workers on one port.
#[derive(Debug)]
pub(in crate::mechanism) struct Group {
    address: SocketAddr,
    owner: Owner,
    /// Where further listeners are opened, if not here.
    pub(super) namespace: Option<Namespace>,
    /// By place: listeners for workers to inherit, or of workers that were not admitted yet.
    listeners: BTreeMap<usize, OwnedFd>,
    chooser: Chooser,
    kept: KeptListeners,
    /// Whether the kernel gives the connections of a listener that leaves the group to another one.
    pub(super) migrates: bool,
    spec: FleetSpec,
}

impl Group {
    pub(super) fn new(
        address: SocketAddr,
        listeners: Vec<OwnedFd>,
        owner: Owner,
        chooser: Chooser,
        spec: &FleetSpec,
    ) -> Self {
        Self {
            address,
            owner,
            namespace: None,
            listeners: listeners.into_iter().enumerate().collect(),
            migrates: chooser.migrates(),
            chooser,
            kept: KeptListeners::of(spec),
            spec: spec.clone(),
        }
    }

    /// Creates the group of threads, whose listeners the next process inherits. The kernel's hash chooses.
    pub(in crate::mechanism) fn of_one_process(
        address: SocketAddr,
        listeners: Vec<OwnedFd>,
        spec: &FleetSpec,
    ) -> io::Result<Self> {
        let chooser = Chooser::launch(Program::Hash, &listeners)?;
        Ok(Self::new(address, listeners, Owner::Master, chooser, spec))
    }

    /// Closes the listeners that only workers are to have.
    pub(super) fn launched(&mut self) {
        if self.owner == Owner::Worker {
            self.listeners.clear();
        }
    }
}

impl Fabric for Group {
    fn intake(&mut self, life: Life) -> Result<Intake, LaunchError> {
        let listener = match self.listeners.remove(&life.place) {
            Some(listener) => listener,
            None => {
                let join = || listener::join_group(self.address);
                let listener = match &self.namespace {
                    Some(namespace) => namespace.call(join)??,
                    None => join()?,
                };
                self.spec.fit_to_workers(slice::from_ref(&listener))?;
                listener
            }
        };
        let inherited = listener.try_clone()?;
        self.kept.keep(life, &listener)?;
        self.listeners.insert(life.place, listener);
        let header_within = self.spec.proxy_protocol.clients_header_within();
        Ok(Intake::listener(inherited, header_within))
    }

    fn admit(&mut self, life: Life) -> io::Result<()> {
        if let Some(listener) = self.listeners.get(&life.place) {
            self.chooser.admit(life, listener)?;
        }
        if self.owner == Owner::Worker {
            self.listeners.remove(&life.place);
        }
        Ok(())
    }

    fn retire(&mut self, life: Life, successor: bool) -> io::Result<Waiting> {
        self.kept.close(life);
        if self.owner == Owner::Master && successor {
            return Ok(Waiting::Left);
        }
        self.chooser.retire(life);
        self.listeners.remove(&life.place);
        Ok(Waiting::Taken)
    }

    fn is_awaited(&self, life: Life) -> bool {
        self.kept.is_awaited(life)
    }

    /// Takes the listener out of the group, where its connections go to others. Elsewhere it keeps its share of the
    /// new ones, which the master accepts.
    fn suspend(&mut self, life: Life) -> io::Result<()> {
        let Some(listener) = self.kept.get(life).filter(|_| self.migrates) else {
            return Ok(());
        };
        rustix::net::shutdown(listener, Shutdown::Read)?;
        self.chooser.suspend(life, self.kept.other(life))
    }

    fn resume(&mut self, life: Life) -> io::Result<()> {
        let Some(listener) = self.kept.get(life).filter(|_| self.migrates) else {
            return Ok(());
        };
        listener::listen_again(listener)?;
        self.chooser.admit(life, listener)
    }

    fn take_waiting(&mut self, life: Life) -> Vec<OwnedFd> {
        self.kept.take_waiting(life)
    }

    fn can_refuse(&self) -> Result<(), UnmetRequirement> {
        self.chooser.can_refuse()
    }
}
