//! Mechanisms with a dispatcher, combined with policies.

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::os::fd::OwnedFd;

use crate::dispatch::{Dispatcher, DispatcherConfig, Start};
use crate::launch::{
    Deployment, DispatchedFabric, Fleet, FleetSpec, Host, LaunchError, UnmetRequirement, listener,
};
use crate::policy::{self, PolicyInfo};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;

/// The description of a mechanism with a dispatcher.
pub struct MechanismInfo {
    /// The profile of its strategies, without the policy. The summary describes the mechanism; a colon and
    /// the policy's summary follow.
    pub profile: Profile<'static>,
    /// Checks the requirements of the mechanism.
    pub check: fn(&Host) -> Result<(), UnmetRequirement>,
    /// Opens the fabric between dispatchers, which listen on these sockets, and workers.
    pub(crate) open: Open,
    /// Creates a dispatcher, inside its process.
    pub(crate) prepare: fn(Start<'_>) -> io::Result<Box<dyn Dispatcher>>,
}

type Open =
    fn(&FleetSpec, &PolicyInfo, &[OwnedFd]) -> Result<Box<dyn DispatchedFabric>, LaunchError>;

impl MechanismInfo {
    /// Returns the name of the mechanism in keys.
    pub fn name(&self) -> &'static str {
        self.profile.mechanism
    }

    /// Returns the policies that the mechanism supports. Some need fields of requests, which only a proxy
    /// sees.
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

/// A strategy: a mechanism with a dispatcher, and a policy.
#[derive(Debug)]
pub struct Dispatched {
    mechanism: &'static MechanismInfo,
    policy: &'static PolicyInfo,
    key: String,
    summary: String,
}

impl Dispatched {
    /// Combines a mechanism with a policy. The key is `MECHANISM:POLICY`.
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
        let mut fleet = Fleet::new(spec, spec.size())?;
        fleet.start_workers(&mut *fabric)?;
        for (number, listener) in listeners.into_iter().enumerate() {
            let links = fabric.links(number)?;
            let profile = &self.mechanism.profile;
            let config = DispatcherConfig::new(spec, profile, self.policy, number, links.upstreams);
            fleet.start_dispatcher(&config, listener, links.inherited)?;
        }
        fleet.release(address, fabric)
    }
}
