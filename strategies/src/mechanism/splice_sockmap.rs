//! Layer-4 proxy with socket maps: a dispatcher connects both sides, and the kernel forwards the bytes.

mod ends;
mod maps;
mod relay;

use super::dispatched::MechanismInfo;
use super::splice::{Layer4Proxy, SPLICE};
use crate::launch::{Host, UnmetRequirement};
use crate::profile::{Privileges, Profile, Retirement};
use maps::Maps;
use relay::Sockmap;

/// A layer-4 proxy whose sockets are in a BPF map. A BPF program redirects what one socket receives to
/// the other (Majkowski, "SOCKMAP - TCP splicing of the future", Cloudflare 2019). The dispatcher sees no
/// bytes, and wakes only when a side ends.
pub static SPLICE_SOCKMAP: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "splice-sockmap",
        retirement: Some(Retirement::IsNotPicked),
        summary: "a layer-4 proxy picks a worker for each connection and a BPF program of the \
                  kernel moves its bytes",
        needs: Some("Linux 6.16, CAP_BPF and CAP_NET_ADMIN"),
        known_from: "nginx-stream-ebpf-module; measured by Cloudflare in 2019",
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
            "the kernel rejects its BPF program ({error}); run evenkeel as root, or with CAP_BPF \
             and CAP_NET_ADMIN"
        ))
    })
}

/// Earlier kernels repeat or lose bytes that were sent in part to a full socket (Linux commits 7683167196bd
/// and 3b4f14b79428).
const WHOLE_BODIES: (u32, u32) = (6, 16);
