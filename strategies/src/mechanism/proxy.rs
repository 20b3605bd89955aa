//! HTTP reverse proxy: a dispatcher reads every request and forwards it to a worker.

pub mod engine;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::dispatched::MechanismInfo;
use crate::defence::{DefenceKind, Defences, Journal};
use crate::dispatch::{Dispatcher, Start, acceptor::Acceptor, succession::Predecessor};
use crate::launch::{ChildControl, ClientLimits, ConnectionLimits, Upstreams, membership::Inbox};
use crate::policy::Policy;
use crate::profile::{CommandContract, Layer, Profile, Retirement};
use engine::{Membership, ProxySpec};

/// An HTTP/1.1 reverse proxy in front of workers that each have a listener: the usual way to run nginx,
/// HAProxy and Envoy. A worker is picked for each request.
pub static PROXY: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "proxy",
        retirement: Some(Retirement::IsNotPicked),
        summary: "an HTTP reverse proxy picks a worker for each request",
        layer: Layer::Requests,
        command: CommandContract::ListensOnPort,
        known_from: "nginx, HAProxy, Envoy",
        defences: &[
            DefenceKind::TryTimeout,
            DefenceKind::Retries,
            DefenceKind::Hedging,
            DefenceKind::PassiveHealth,
            DefenceKind::Stall,
        ],
        ..Profile::OURS
    },
    check: |_host| Ok(()),
    open: |spec, _policy, _listeners| Ok(Box::new(Upstreams::new(spec, None).kept())),
    prepare: |start| Ok(Box::new(Proxy::prepare(start)?)),
};

/// Descriptors per client connection: its socket, and one to a worker.
const DESCRIPTORS_EACH: u64 = 2;

/// Time limit for connecting to a worker: nginx's default (`proxy_connect_timeout`). On loopback a worker
/// accepts at once or never.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// Time limit for an answer of a worker: nginx's default (`proxy_read_timeout`).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A proxy with one thread.
struct Proxy {
    acceptor: Acceptor,
    /// Number of places for workers.
    places: usize,
    upstreams: Vec<SocketAddr>,
    membership: Option<Inbox>,
    predecessor: Option<Predecessor>,
    policy: Box<dyn Policy>,
    header_within: Option<Duration>,
    client_limits: ClientLimits,
    connection_limits: ConnectionLimits,
    defences: Defences,
    journal: Option<Journal>,
}

impl Proxy {
    fn prepare(start: Start<'_>) -> io::Result<Self> {
        Ok(Self {
            upstreams: start.upstreams().to_vec(),
            acceptor: Acceptor::open(start.listener, DESCRIPTORS_EACH)?,
            places: start.config.workers.get(),
            membership: start.membership,
            predecessor: start.predecessor,
            policy: start.policy,
            header_within: start.config.proxy_protocol.clients_header_within(),
            client_limits: start.config.client_limits,
            connection_limits: start.config.connection_limits,
            defences: start.config.defences.clone(),
            journal: start.journal,
        })
    }
}

impl Dispatcher for Proxy {
    /// Forwards requests until SIGTERM, then answers those in flight. After it has handed over, idle
    /// connections stay open until their next request, or until the time to drain is over.
    fn run(self: Box<Self>, drain_within: Duration, _control: ChildControl) -> io::Result<()> {
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
            client_limits: self.client_limits,
            connection_limits: self.connection_limits,
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: ANSWER_TIMEOUT,
            defences: self.defences,
            journal: self.journal,
            drain_within,
            room,
        };
        let end = async move {
            shutdown_signal.recv().await;
        };
        let (places, inbox, predecessor) = (self.places, self.membership, self.predecessor);
        runtime.block_on(async {
            let membership = Membership {
                places,
                requests: inbox.map(Inbox::watched).transpose()?,
                predecessor,
            };
            engine::serve_members(listener, spec, membership, end).await
        })
    }
}
