//! Fabrics: what connects clients and workers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;
use std::vec;

use super::listener::{self, LISTENER};
use super::worker_config::{AcceptMode, ConnectionSource};
use super::{error::LaunchError, inherited::Inherited};

/// The sockets, channels and rules between the clients and the workers of one fleet.
pub(crate) trait Fabric {
    /// Opens the intake of one more worker.
    fn intake(&mut self) -> Result<Intake, LaunchError>;
}

/// The fabric of a fleet with dispatchers.
pub(crate) trait DispatchedFabric: Fabric {
    /// Returns what connects this dispatcher to all workers with an intake.
    fn links(&mut self, dispatcher: usize) -> io::Result<Links>;
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
}

impl Intake {
    /// Creates an intake with a listener, which the runtime watches.
    pub(crate) fn listener(listener: OwnedFd, header_within: Option<Duration>) -> Self {
        Self {
            source: ConnectionSource::Listener(AcceptMode::Edge),
            inherited: Inherited::default().with(LISTENER, listener),
            header_within,
            deferred: false,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) inherited: Inherited,
    /// Addresses of the workers, if the dispatcher connects to them.
    pub(crate) upstreams: Vec<SocketAddr>,
}

/// One listener for each worker, all opened before the first worker starts.
#[derive(Debug)]
pub(crate) struct OwnListeners {
    listeners: vec::IntoIter<OwnedFd>,
    header_within: Option<Duration>,
}

impl OwnListeners {
    pub(crate) fn new(listeners: Vec<OwnedFd>, header_within: Option<Duration>) -> Self {
        Self {
            listeners: listeners.into_iter(),
            header_within,
        }
    }
}

impl Fabric for OwnListeners {
    fn intake(&mut self) -> Result<Intake, LaunchError> {
        let listener = self.listeners.next();
        let listener = listener.ok_or_else(|| io::Error::other("more workers than listeners"))?;
        Ok(Intake::listener(listener, self.header_within))
    }
}

/// A listener for each worker, to which dispatchers connect.
#[derive(Debug)]
pub(crate) struct Upstreams {
    addresses: Vec<SocketAddr>,
    header_within: Option<Duration>,
}

impl Upstreams {
    /// Creates the fabric. `header_within` is how long workers wait for the PROXY header of a dispatcher, if
    /// it sends one.
    pub(crate) fn new(header_within: Option<Duration>) -> Self {
        Self {
            addresses: Vec::new(),
            header_within,
        }
    }

    /// Returns the addresses of the workers, in the order of their numbers.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

impl Fabric for Upstreams {
    fn intake(&mut self) -> Result<Intake, LaunchError> {
        let (listener, address) = listener::open((Ipv4Addr::LOCALHOST, 0).into())?;
        self.addresses.push(address);
        Ok(Intake::listener(listener, self.header_within))
    }
}

impl DispatchedFabric for Upstreams {
    fn links(&mut self, _dispatcher: usize) -> io::Result<Links> {
        Ok(Links {
            inherited: Inherited::default(),
            upstreams: self.addresses.clone(),
        })
    }
}
