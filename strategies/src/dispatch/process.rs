//! Dispatcher processes.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{earlier_builds, succession::Predecessor};
use crate::defence::{Defences, Journal};
use crate::launch::{
    ChildControl, ChildSetup, ClientLimits, Confinement, ConnectionLimits, FleetSpec, Inherited,
    ProxyProtocol, membership::Inbox,
};
use crate::policy::{self, FeedbackMode, Policy, PolicyInfo, Setup};
use crate::profile::Profile;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DispatcherConfig {
    #[serde(rename = "upbringing")] // as builds up to 0.1.0 call it
    pub(crate) child_setup: ChildSetup,
    pub(crate) mechanism: String,
    pub(crate) policy: String,
    pub(crate) seed: u64,
    pub(crate) options: policy::Options,
    /// Number of places for workers. The first ones have a worker from the start.
    pub(crate) workers: NonZeroUsize,
    pub(crate) proxy_protocol: ProxyProtocol,
    #[serde(default)]
    pub(crate) client_limits: ClientLimits,
    #[serde(default)]
    pub(crate) connection_limits: ConnectionLimits,
    #[serde(default)]
    pub(crate) defences: Defences,
    pub(crate) drain_within: Duration,
    /// Addresses of the workers, if the dispatcher connects to them.
    pub(crate) upstreams: Vec<SocketAddr>,
    #[serde(skip_deserializing)]
    passes: Value,
}

impl DispatcherConfig {
    pub(crate) fn new(
        spec: &FleetSpec,
        profile: &Profile<'_>,
        policy: &PolicyInfo,
        number: usize,
        upstreams: Vec<SocketAddr>,
    ) -> Self {
        let needed = profile.privileges.of_dispatchers();
        let confinement = Confinement::new(spec.user.as_ref(), needed);
        // Different dispatchers must not draw the same random numbers.
        let seed = spec.seed.wrapping_add(number as u64);
        Self {
            child_setup: ChildSetup::by_this_process(&spec.cpus).confined(confinement),
            mechanism: profile.mechanism.to_owned(),
            policy: policy.name.to_owned(),
            seed,
            options: spec.policy.clone(),
            workers: spec.size().places,
            proxy_protocol: spec.proxy_protocol,
            client_limits: spec.client_limits,
            connection_limits: spec.connection_limits.seeded(seed),
            defences: spec.defences.clone(),
            drain_within: spec.drain_within,
            passes: earlier_builds::passes(profile.mechanism, &upstreams),
            upstreams,
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        Setup {
            workers: self.workers.get(),
            seed: self.seed,
            options: self.options.clone(),
        }
    }
}

/// What a dispatcher is created from, inside its process.
pub(crate) struct Start<'a> {
    /// The socket to which clients connect.
    pub(crate) listener: OwnedFd,
    pub(crate) policy: Box<dyn Policy>,
    /// What the policy needs workers to report.
    pub(crate) feedback: FeedbackMode,
    pub(crate) config: &'a DispatcherConfig,
    /// Where the master tells of workers that come and go. Without it no worker comes.
    pub(crate) membership: Option<Inbox>,
    /// The dispatcher that hands over to this one, if it does not start with its fleet. It gives the workers.
    pub(crate) predecessor: Option<Predecessor>,
    /// Where defences note what they do, if any is on.
    pub(crate) journal: Option<Journal>,
    /// The other inherited descriptors.
    pub(crate) inherited: &'a mut Inherited,
}

impl Start<'_> {
    /// Returns the addresses of the workers with which the dispatcher starts. A predecessor gives those that
    /// are there now.
    pub(crate) fn upstreams(&self) -> &[SocketAddr] {
        match self.predecessor {
            None => &self.config.upstreams,
            Some(_) => &[],
        }
    }
}

/// A dispatcher that is ready: everything that can fail is set up.
pub(crate) trait Dispatcher {
    /// Dispatches until SIGTERM. Then it finishes what it has, up to `drain_within`. It drops `control` when
    /// it gives nothing more to workers. If it has handed over to a successor before, it finishes what it has
    /// kept, within the time in the message, and ends after SIGTERM.
    fn run(self: Box<Self>, drain_within: Duration, control: ChildControl) -> io::Result<()>;
}
