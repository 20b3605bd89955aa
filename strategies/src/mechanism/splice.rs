//! A dispatcher passes the bytes of every connection on, without reading them.

mod dispatcher;
mod relay;

use std::net::Ipv4Addr;

use crate::child::Role;
use crate::deployment::Deployment;
use crate::dispatcher::{DispatcherConfig, Passes};
use crate::fleet::{Fleet, FleetSpec, LaunchError};
use crate::host::{Host, Unmet};
use crate::inherited::Inherited;
use crate::listener::{self, LISTENER};
use crate::policy;
use crate::strategy::Strategy;
use crate::worker::{Accept, Taking};

pub(crate) use dispatcher::Dispatcher;

/// A layer-4 proxy in front of workers that each have a listener of their own: HAProxy in its TCP
/// mode, nginx's stream module. A worker is picked for each connection, and the bytes move
/// between the two sockets within the kernel (splice(2)).
#[derive(Debug)]
pub struct Splice {
    key: String,
    policy: &'static policy::Kind,
}

impl Splice {
    /// A layer-4 proxy under a policy. The key is `splice:` and the policy's name.
    pub fn new(policy: &'static policy::Kind) -> Self {
        let key = format!("splice:{}", policy.name);
        Self { key, policy }
    }
}

impl Strategy for Splice {
    fn key(&self) -> &str {
        &self.key
    }

    fn summary(&self) -> String {
        format!(
            "a layer-4 proxy picks a worker for each connection and moves its bytes: {}",
            self.policy.summary
        )
    }

    fn policy(&self) -> Option<&'static policy::Kind> {
        Some(self.policy)
    }

    fn check(&self, _host: &Host) -> Result<(), Unmet> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_some(spec.listen, spec.dispatchers)?;
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        let mut upstreams = Vec::with_capacity(spec.workers.get());
        for _ in fleet.workers() {
            let (listener, upstream) = listener::open((Ipv4Addr::LOCALHOST, 0).into())?;
            upstreams.push(upstream);
            fleet.start_worker(
                Taking::Listener(Accept::Edge),
                Inherited::default().with(LISTENER, listener),
            )?;
        }
        for (number, listener) in listeners.into_iter().enumerate() {
            let passes = Passes::Bytes {
                upstreams: upstreams.clone(),
            };
            let config = DispatcherConfig::new(&fleet, self.policy, number, passes);
            fleet.start(
                Role::Dispatcher(number),
                &config,
                Inherited::default().with(LISTENER, listener),
            )?;
        }
        fleet.go(address)
    }
}
