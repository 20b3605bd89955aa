//! The workers that the rules name, and their listeners.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use super::rules::{Rule, Service};
use super::tool;
use crate::launch::{Fabric, FleetSpec, Intake, KeptListeners, LaunchError, Namespace, listener};
use crate::view::{Life, Waiting};

/// Rules in a network namespace, which follow workers that come and go as kube-proxy's follow endpoints.
#[derive(Debug)]
pub(super) struct Endpoints {
    namespace: Namespace,
    rule: Rule,
    /// The address of the service. No socket listens on it.
    pub(super) address: SocketAddr,
    /// Reserves its port.
    _reserved: OwnedFd,
    /// The lives that the rules may name, in the order of their places.
    endpoints: BTreeMap<Life, Endpoint>,
    open: listener::Open,
    header_within: Option<Duration>,
    kept: KeptListeners,
}

#[derive(Debug)]
struct Endpoint {
    address: SocketAddr,
    /// Whether the rules name it.
    is_admitted: bool,
}

impl Endpoints {
    pub(super) fn open(
        namespace: &Namespace,
        rule: Rule,
        spec: &FleetSpec,
    ) -> Result<Self, LaunchError> {
        let (reserved, address) = namespace.call(|| listener::reserve(spec.listen))??;
        Ok(Self {
            namespace: namespace.clone(),
            rule,
            address,
            _reserved: reserved,
            endpoints: BTreeMap::new(),
            open: spec.open_of_worker(),
            header_within: spec.proxy_protocol.clients_header_within(),
            kept: KeptListeners::of(spec),
        })
    }

    /// Makes the rules name all workers that have an intake.
    pub(super) fn admit_all(&mut self) -> Result<(), tool::ToolError> {
        for endpoint in self.endpoints.values_mut() {
            endpoint.is_admitted = true;
        }
        self.apply()
    }

    /// Makes the rules name a worker, or no longer.
    fn set_admitted(&mut self, life: Life, is_admitted: bool) -> io::Result<()> {
        if let Some(endpoint) = self.endpoints.get_mut(&life) {
            endpoint.is_admitted = is_admitted;
        }
        self.apply().map_err(io::Error::other)
    }

    /// Replaces the rules.
    fn apply(&self) -> Result<(), tool::ToolError> {
        let endpoints = self.endpoints.values();
        let admitted = endpoints.filter(|endpoint| endpoint.is_admitted);
        let service = Service {
            address: self.address,
            workers: admitted.map(|endpoint| endpoint.address).collect(),
        };
        tool::apply(&self.namespace, self.rule, &service)
    }
}

impl Fabric for Endpoints {
    fn intake(&mut self, life: Life) -> Result<Intake, LaunchError> {
        let own = SocketAddr::new(self.address.ip(), 0);
        let (listener, address) = self.namespace.call(|| (self.open)(own))??;
        let endpoint = Endpoint {
            address,
            is_admitted: false,
        };
        self.endpoints.insert(life, endpoint);
        self.kept.keep(life, &listener)?;
        Ok(Intake::listener(listener, self.header_within))
    }

    fn admit(&mut self, life: Life) -> io::Result<()> {
        self.set_admitted(life, true)
    }

    fn retire(&mut self, life: Life, _successor: bool) -> io::Result<Waiting> {
        self.kept.close(life);
        let endpoint = self.endpoints.remove(&life);
        if endpoint.is_some_and(|endpoint| endpoint.is_admitted) {
            self.apply().map_err(io::Error::other)?;
        }
        Ok(Waiting::Taken)
    }

    fn is_awaited(&self, life: Life) -> bool {
        self.kept.is_awaited(life)
    }

    fn suspend(&mut self, life: Life) -> io::Result<()> {
        self.set_admitted(life, false)
    }

    fn resume(&mut self, life: Life) -> io::Result<()> {
        self.set_admitted(life, true)
    }

    fn take_waiting(&mut self, life: Life) -> Vec<OwnedFd> {
        self.kept.take_waiting(life)
    }
}
