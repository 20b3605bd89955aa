//! A dispatcher connects both ends, and the kernel passes on the bytes by itself.

mod ends;
mod maps;
mod relay;

use super::dispatched::MechanismInfo;
use super::splice::{Layer4Proxy, SPLICE};
use crate::launch::{Host, UnmetRequirement};
use crate::profile::{Privileges, Profile};
use maps::Maps;
use relay::Sockmap;

/// A layer-4 proxy whose sockets are in a BPF map: a program of the kernel gives what one
/// receives to the other (Majkowski, "SOCKMAP - TCP splicing of the future", Cloudflare 2019). The
/// dispatcher sees no byte; it is woken when a side ends.
pub static SPLICE_SOCKMAP: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "splice-sockmap",
        summary: "a layer-4 proxy picks a worker for each connection and a BPF program of the \
                  kernel moves its bytes",
        needs: Some("Linux 6.16, CAP_BPF and CAP_NET_ADMIN"),
        known_from: "nginx-stream-ebpf-module; weighed by Cloudflare in 2019",
        privileges: Privileges::Bpf,
        ..SPLICE.profile
    },
    check,
    open: SPLICE.open,
    prepare: |start| Ok(Box::new(Layer4Proxy::<Sockmap>::prepare(start)?)),
};

fn check(host: &Host) -> Result<(), UnmetRequirement> {
    host.needs_kernel(
        WHOLE_BODIES,
        "a sockmap that neither loses nor repeats bytes",
    )?;
    Maps::new(1).map(drop).map_err(|error| {
        UnmetRequirement(format!(
            "the kernel does not take its BPF program ({error}); run it as root, or with CAP_BPF \
             and CAP_NET_ADMIN"
        ))
    })
}

/// Before, what was sent in part to a socket that was full was sent again from its beginning, or
/// lost (commits 7683167196bd and 3b4f14b79428 of Linux).
const WHOLE_BODIES: (u32, u32) = (6, 16);
