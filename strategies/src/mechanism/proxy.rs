//! A dispatcher reads every request and sends it on to a worker.

pub mod engine;

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::dispatch::acceptor::Acceptor;
use crate::dispatcher::{self, Passes};
use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::policy::{self, Policy};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use engine::ProxySpec;

/// An HTTP/1.1 reverse proxy in front of workers that each have a listener of their own: nginx,
/// HAProxy and Envoy as most people run them. A worker is picked for each request.
#[derive(Debug)]
pub struct Proxy {
    key: String,
    policy: &'static policy::PolicyInfo,
}

impl Proxy {
    /// A reverse proxy under a policy. The key is `proxy:` and the policy's name.
    pub fn new(policy: &'static policy::PolicyInfo) -> Self {
        let key = format!("proxy:{}", policy.name);
        Self { key, policy }
    }
}

impl Strategy for Proxy {
    fn key(&self) -> &str {
        &self.key
    }

    fn summary(&self) -> String {
        format!(
            "an HTTP reverse proxy picks a worker for each request: {}",
            self.policy.summary
        )
    }

    fn policy(&self) -> Option<&'static policy::PolicyInfo> {
        Some(self.policy)
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            layer: Layer::Requests,
            chooser: "a dispatcher process",
            sticky: self.policy.sticky,
            needs: None,
            known_from: "nginx, HAProxy, Envoy",
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        dispatcher::launch(spec, self.policy, None, Passes::Requests)
    }
}

/// Descriptors that a client's connection takes here: its socket, and one to a worker.
const DESCRIPTORS_EACH: u64 = 2;

/// How long a worker may take to accept: as long as nginx waits by default
/// (`proxy_connect_timeout`), though on loopback it answers at once or never.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a worker may take to answer: as long as nginx waits by default
/// (`proxy_read_timeout`).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A proxy that is ready to run: one thread.
pub(crate) struct Dispatcher {
    acceptor: Acceptor,
    upstreams: Vec<SocketAddr>,
    policy: Box<dyn Policy>,
    header_within: Option<Duration>,
}

impl Dispatcher {
    pub(crate) fn new(
        listener: OwnedFd,
        upstreams: Vec<SocketAddr>,
        policy: Box<dyn Policy>,
        header_within: Option<Duration>,
    ) -> io::Result<Self> {
        Ok(Self {
            acceptor: Acceptor::open(listener, DESCRIPTORS_EACH)?,
            upstreams,
            policy,
            header_within,
        })
    }

    /// Passes requests on until SIGTERM, then answers what is in flight.
    pub(crate) fn run(self, drain_within: Duration) -> io::Result<()> {
        let Acceptor {
            runtime,
            listener,
            mut shutdown_signal,
            room,
        } = self.acceptor;
        let spec = ProxySpec {
            upstreams: self.upstreams,
            policy: self.policy,
            header_within: self.header_within,
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: ANSWER_TIMEOUT,
            drain_within,
            room,
        };
        let end = async move {
            shutdown_signal.recv().await;
        };
        runtime.block_on(engine::serve(listener, spec, end));
        Ok(())
    }
}
