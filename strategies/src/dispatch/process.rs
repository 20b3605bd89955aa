//! A dispatcher in a process of its own.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::launch::{ChildControl, ChildSetup, FleetSpec, Inherited, ProxyProtocol};
use crate::policy::{self, FeedbackMode, Policy, PolicyInfo, Setup};

/// What a dispatcher process is started with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DispatcherConfig {
    pub(crate) child_setup: ChildSetup,
    /// Name of the mechanism.
    pub(crate) mechanism: String,
    /// Name of the policy.
    pub(crate) policy: String,
    pub(crate) seed: u64,
    pub(crate) options: policy::Options,
    pub(crate) workers: NonZeroUsize,
    pub(crate) proxy_protocol: ProxyProtocol,
    pub(crate) drain_within: Duration,
    /// Where the workers listen, if they listen for the dispatcher.
    pub(crate) upstreams: Vec<SocketAddr>,
}

impl DispatcherConfig {
    pub(crate) fn new(
        spec: &FleetSpec,
        mechanism: &str,
        policy: &PolicyInfo,
        number: usize,
        upstreams: Vec<SocketAddr>,
    ) -> Self {
        Self {
            child_setup: ChildSetup::by_this_process(&spec.cpus),
            mechanism: mechanism.to_owned(),
            policy: policy.name.to_owned(),
            // Dispatchers side by side must not draw the same numbers.
            seed: spec.seed.wrapping_add(number as u64),
            options: spec.policy.clone(),
            workers: spec.workers,
            proxy_protocol: spec.proxy_protocol,
            drain_within: spec.drain_within,
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

/// What a dispatcher is made of, in its own process.
pub(crate) struct Start<'a> {
    /// Where clients connect.
    pub(crate) listener: OwnedFd,
    pub(crate) policy: Box<dyn Policy>,
    /// What the policy needs workers to report.
    pub(crate) feedback: FeedbackMode,
    pub(crate) config: &'a DispatcherConfig,
    /// What else the process inherited.
    pub(crate) inherited: &'a mut Inherited,
}

/// A dispatcher that is ready: it has everything that can fail to be set up.
pub(crate) trait Dispatcher {
    /// Dispatches until SIGTERM, then finishes what it holds, for `drain_within` at most. It drops
    /// `control` as soon as it gives nothing more to workers.
    fn run(self: Box<Self>, drain_within: Duration, control: ChildControl) -> io::Result<()>;
}
