//! A dispatcher connects both ends, and the kernel passes on the bytes by itself.

mod ends;
mod maps;
mod relay;

use crate::dispatcher::{self, Passes};
use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::policy;
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use maps::Maps;

pub(crate) use relay::Sockmap;

/// A layer-4 proxy whose sockets lie in a BPF map: a program of the kernel gives what one
/// receives to the other (Majkowski, "SOCKMAP - TCP splicing of the future", Cloudflare 2019). The
/// dispatcher sees no byte; it is woken when a side ends.
#[derive(Debug)]
pub struct SpliceSockmap {
    key: String,
    policy: &'static policy::PolicyInfo,
}

impl SpliceSockmap {
    /// Such a proxy under a policy. The key is `splice-sockmap:` and the policy's name.
    pub fn new(policy: &'static policy::PolicyInfo) -> Self {
        let key = format!("splice-sockmap:{}", policy.name);
        Self { key, policy }
    }
}

impl Strategy for SpliceSockmap {
    fn key(&self) -> &str {
        &self.key
    }

    fn summary(&self) -> String {
        format!(
            "a layer-4 proxy picks a worker for each connection and a BPF program of the kernel \
             moves its bytes: {}",
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
            needs: Some("Linux 6.16, CAP_BPF and CAP_NET_ADMIN"),
            known_from: "nginx-stream-ebpf-module; weighed by Cloudflare in 2019",
        }
    }

    fn needs_rights(&self) -> bool {
        true
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        host.needs_kernel(
            WHOLE_BODIES,
            "a sockmap that neither loses nor repeats bytes",
        )?;
        Maps::new(1).map(drop).map_err(|error| {
            UnmetRequirement(format!(
                "the kernel does not take its BPF program ({error}); run it as root, or with \
                 CAP_BPF and CAP_NET_ADMIN"
            ))
        })
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let header_within = spec.proxy_protocol.workers_header_within();
        dispatcher::launch(
            spec,
            self.policy,
            header_within,
            Passes::BytesWithinTheKernel,
        )
    }
}

/// Before, what was sent in part to a socket that was full was sent again from its beginning, or
/// lost (commits 7683167196bd and 3b4f14b79428 of Linux).
const WHOLE_BODIES: (u32, u32) = (6, 16);
