//! Layer-4 proxy: a dispatcher forwards the bytes of every connection without reading them.

mod clients;
mod dispatcher;
mod pipe;
mod relay;
mod stages;
mod succession;
mod tunnel;

use super::dispatched::MechanismInfo;
use crate::defence::DefenceKind;
use crate::launch::Upstreams;
use crate::profile::{CommandContract, Profile, Retirement};

pub(crate) use dispatcher::Layer4Proxy;
pub(crate) use pipe::Pipe;
pub(crate) use relay::{Pipes, Relay, both};
pub(crate) use tunnel::{Sockets, Suspended, Tunnel, Way, suspended, watched};

/// A layer-4 proxy in front of workers that each have a listener: HAProxy in TCP mode, nginx's stream
/// module. A worker is picked for each connection, and the bytes move between the two sockets inside the
/// kernel (splice(2)).
pub static SPLICE: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "splice",
        retirement: Some(Retirement::IsNotPicked),
        summary: "a layer-4 proxy picks a worker for each connection and moves its bytes",
        known_from: "HAProxy in TCP mode, nginx's stream module",
        sends_proxy_header: true,
        command: CommandContract::ListensOnPort,
        defences: &[DefenceKind::PassiveHealth, DefenceKind::Stall],
        ..Profile::OURS
    },
    check: |_host| Ok(()),
    open: |spec, _policy, _listeners| {
        let header_within = spec.proxy_protocol.workers_header_within();
        Ok(Box::new(Upstreams::new(spec, header_within)))
    },
    prepare: |start| Ok(Box::new(Layer4Proxy::<Pipes>::prepare(start)?)),
};
