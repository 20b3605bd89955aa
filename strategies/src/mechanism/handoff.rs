//! A dispatcher accepts every connection and hands its descriptor to a worker.

mod dispatcher;
mod pending_headers;
mod worker_channels;

use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::dispatch::{
    channel::{self, CHANNEL},
    wake_up::{self, WAKE_UP},
};
use crate::dispatcher::{DispatcherConfig, Passes};
use crate::launch::{
    ConnectionSource, Deployment, Fleet, FleetSpec, Host, Inherited, LISTENER, LaunchError, Role,
    UnmetRequirement, child::share, listener,
};
use crate::policy::{self, FeedbackMode};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use crate::sys::defer_accept::defer_accept;

pub(crate) use dispatcher::Dispatcher;
pub(crate) use pending_headers::PendingHeaders;
pub(crate) use worker_channels::WorkerChannels;

/// A dispatcher accepts, a policy picks a worker, and the socket travels there over a Unix
/// socket (SCM_RIGHTS): Node's cluster module by default. The dispatcher never reads a byte of
/// the connection (but its PROXY header, where one is [ordered](crate::ProxyProtocol)), and has
/// nothing to do with it afterwards.
#[derive(Debug)]
pub struct Handoff {
    key: String,
    policy: &'static policy::PolicyInfo,
}

impl Handoff {
    /// Hand-off under a policy. The key is `handoff:` and the policy's name.
    pub fn new(policy: &'static policy::PolicyInfo) -> Self {
        let key = format!("handoff:{}", policy.name);
        Self { key, policy }
    }
}

impl Strategy for Handoff {
    fn key(&self) -> &str {
        &self.key
    }

    fn summary(&self) -> String {
        format!(
            "a dispatcher accepts and hands the socket to a worker: {}",
            self.policy.summary
        )
    }

    fn policy(&self) -> Option<&'static policy::PolicyInfo> {
        Some(self.policy)
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            layer: Layer::Connections,
            chooser: "a dispatcher process",
            sticky: self.policy.sticky,
            needs: None,
            known_from: "Node's cluster module",
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_some(spec.listen, spec.dispatchers)?;
        let mut bells = Vec::new();
        if self.policy.feedback == FeedbackMode::OnAnswer {
            for listener in &listeners {
                defer_accept(listener, SILENCE).map_err(std::io::Error::from)?;
                bells.push(wake_up::create()?);
            }
        }
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        let mut dispatchers_ends: Vec<Vec<OwnedFd>> =
            listeners.iter().map(|_| Vec::new()).collect();
        for _ in fleet.workers() {
            let mut intake = Inherited::default();
            for ends in &mut dispatchers_ends {
                let (dispatchers_end, workers_end) = channel::pair()?;
                ends.push(dispatchers_end);
                intake = intake.with(CHANNEL, workers_end);
            }
            for bell in &bells {
                intake = intake.with(WAKE_UP, share(bell)?);
            }
            let acknowledge = self.policy.feedback == FeedbackMode::OnAccept;
            // The dispatcher takes the header off, if there is one.
            fleet.start_worker_behind(None, ConnectionSource::Channels { acknowledge }, intake)?;
        }
        for (number, (listener, ends)) in listeners.into_iter().zip(dispatchers_ends).enumerate() {
            let inherited = Inherited::default().with(LISTENER, listener);
            let inherited = ends
                .into_iter()
                .fold(inherited, |so_far, end| so_far.with(CHANNEL, end));
            let inherited = match bells.get(number) {
                Some(bell) => inherited.with(WAKE_UP, share(bell)?),
                None => inherited,
            };
            let config = DispatcherConfig::new(&fleet, self.policy, number, Passes::Connections);
            fleet.start(Role::Dispatcher(number), &config, inherited)?;
        }
        fleet.go(address)
    }
}

/// For how long a connection that is not to hold a worker may be silent: as long as nginx waits
/// for the head of a request by default (`client_header_timeout`).
const SILENCE: Duration = Duration::from_secs(60);
