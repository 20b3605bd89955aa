//! Mechanisms with a dispatcher, under any policy.

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::os::fd::OwnedFd;

use crate::dispatch::{Dispatcher, DispatcherConfig, Start};
use crate::launch::{
    Deployment, DispatchedFabric, Fleet, FleetSpec, Host, LISTENER, LaunchError, Role,
    UnmetRequirement, listener,
};
use crate::policy::{self, PolicyInfo};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;

/// A mechanism in which a dispatcher of ours chooses the worker, as the catalogue knows it.
pub struct MechanismInfo {
    /// What describes its strategies, except the policy. The summary says how it works; that of the
    /// policy follows a colon.
    pub profile: Profile<'static>,
    /// Checks what it needs from the host.
    pub check: fn(&Host) -> Result<(), UnmetRequirement>,
    /// Opens what lies between the dispatchers, which listen on these sockets, and the workers.
    pub(crate) open: Open,
    /// Makes a dispatcher, in a process of its own.
    pub(crate) prepare: fn(Start<'_>) -> io::Result<Box<dyn Dispatcher>>,
}

type Open =
    fn(&FleetSpec, &PolicyInfo, &[OwnedFd]) -> Result<Box<dyn DispatchedFabric>, LaunchError>;

impl MechanismInfo {
    /// Its name in keys.
    pub fn name(&self) -> &'static str {
        self.profile.mechanism
    }

    /// The policies that it can follow. Some need what only a proxy sees of a request.
    pub fn policies(&self) -> impl Iterator<Item = &'static PolicyInfo> {
        let for_requests = match self.profile.layer {
            Layer::Connections => &[],
            Layer::Requests => policy::FOR_REQUESTS_ONLY,
        };
        policy::FOR_CONNECTIONS.iter().chain(for_requests).copied()
    }
}

impl Debug for MechanismInfo {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "MechanismInfo({})", self.name())
    }
}

/// The strategy of a mechanism with a dispatcher under a policy.
#[derive(Debug)]
pub struct Dispatched {
    mechanism: &'static MechanismInfo,
    policy: &'static PolicyInfo,
    key: String,
    summary: String,
}

impl Dispatched {
    /// The key is the mechanism's name, a colon, and the policy's name.
    pub fn new(mechanism: &'static MechanismInfo, policy: &'static PolicyInfo) -> Self {
        Self {
            mechanism,
            policy,
            key: format!("{}:{}", mechanism.name(), policy.name),
            summary: format!("{}: {}", mechanism.profile.summary, policy.summary),
        }
    }
}

impl Strategy for Dispatched {
    fn key(&self) -> &str {
        &self.key
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            summary: &self.summary,
            policy: Some(self.policy),
            basis: self.policy.basis,
            chooser: "a dispatcher process",
            sticky: self.policy.sticky,
            ..self.mechanism.profile
        }
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        (self.mechanism.check)(host)
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_some(spec.listen, spec.dispatchers)?;
        let mut fabric = (self.mechanism.open)(spec, self.policy, &listeners)?;
        let mut fleet = Fleet::new(spec, spec.workers)?;
        fleet.start_workers(&mut *fabric)?;
        for (number, listener) in listeners.into_iter().enumerate() {
            let links = fabric.links(number)?;
            let name = self.mechanism.name();
            let config = DispatcherConfig::new(spec, name, self.policy, number, links.upstreams);
            let inherited = links.inherited.with(LISTENER, listener);
            fleet.start(Role::Dispatcher(number), &config, inherited)?;
        }
        fleet.release(address)
    }
}
