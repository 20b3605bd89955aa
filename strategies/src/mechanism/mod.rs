//! Mechanisms: how a connection or request reaches a worker.
//!
//! Each file of this folder is one mechanism. A mechanism with a dispatcher is a [`MechanismInfo`] in
//! [`DISPATCHED`], which is combined with every policy that it supports. Any other mechanism is a
//! [`Strategy`] in [`WITHOUT_POLICY`].

mod dispatched;
#[cfg(test)]
mod example;
pub mod handoff;
pub mod nat;
pub mod peer;
pub mod proxy;
pub mod reuseport;
pub mod shared_listener;
#[cfg(test)]
#[expect(unreachable_pub, reason = "outside of tests it is in a library")]
#[path = "../../tests/mechanism/copy.rs"]
mod shown;
pub mod single;
pub mod splice;
pub mod splice_sockmap;
pub mod threads;

use crate::strategy::Strategy;
use nat::Nat;
use reuseport::Reuseport;
use shared_listener::SharedListener;
use single::Single;
use threads::Threads;

pub use dispatched::{Dispatched, MechanismInfo};

/// Strategies without a policy, in the order of lists and reports.
pub static WITHOUT_POLICY: &[&dyn Strategy] = &[
    &Single,
    &SharedListener::EDGE,
    &SharedListener::HERD,
    &SharedListener::EXCLUSIVE,
    &SharedListener::BLOCKING,
    &SharedListener::MUTEX,
    &Reuseport::HASH,
    &Reuseport::INHERITED,
    &Reuseport::MIGRATED,
    &Reuseport::CPU,
    &Reuseport::RANDOM,
    &Reuseport::LEAST,
    &Threads::WORK_STEALING,
    &Threads::PER_CORE,
    &Nat::ROUND_ROBIN,
    &Nat::RANDOM,
    &Nat::SOURCE_HASH,
    &Nat::IPTABLES,
    &Nat::IPTABLES_NTH,
];

/// Mechanisms with a dispatcher, in the order of lists and reports.
pub static DISPATCHED: &[&MechanismInfo] = &[
    &handoff::HANDOFF,
    &splice::SPLICE,
    &splice_sockmap::SPLICE_SOCKMAP,
    &proxy::PROXY,
];
