//! A dispatcher passes the bytes of every connection on, without reading them.

mod dispatcher;
mod relay;

use crate::dispatcher::Passes;
use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::policy;
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;

pub(crate) use dispatcher::Dispatcher;
pub(crate) use relay::{Pipe, Pipes, Relay};

/// A layer-4 proxy in front of workers that each have a listener of their own: HAProxy in its TCP
/// mode, nginx's stream module. A worker is picked for each connection, and the bytes move
/// between the two sockets within the kernel (splice(2)).
#[derive(Debug)]
pub struct Splice {
    key: String,
    policy: &'static policy::PolicyInfo,
}

impl Splice {
    /// A layer-4 proxy under a policy. The key is `splice:` and the policy's name.
    pub fn new(policy: &'static policy::PolicyInfo) -> Self {
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

    fn policy(&self) -> Option<&'static policy::PolicyInfo> {
        Some(self.policy)
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            layer: Layer::Connections,
            chooser: "a dispatcher process",
            sticky: self.policy.sticky,
            needs: None,
            known_from: "HAProxy in its TCP mode, nginx's stream module",
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let header_within = spec.proxy_protocol.workers_header_within();
        crate::dispatcher::launch(spec, self.policy, header_within, Passes::Bytes)
    }
}
