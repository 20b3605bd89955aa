//! Who gets the next connection or request.
//!
//! Every file of this folder is one policy. It is declared by being there (no `mod` line), and
//! it comes into use by a line in the [catalogue](crate::catalog).

use std::fmt::Debug;
use std::net::IpAddr;

automod::dir!(pub "src/policy");

/// Who gets the next connection or request.
///
/// A policy is pure: no clock, no I/O, and randomness only from the seed that it was made
/// with. So the same arrivals and loads give the same picks. It may keep state between
/// picks (whose turn it is), but what it knows of the workers is only what it is shown.
///
/// The dispatcher calls `pick` once per arrival; where the picked worker turns out to be
/// unreachable it marks that worker unavailable and calls again for the same arrival.
pub trait Policy: Send {
    /// Picks one of the available workers, or none for now.
    ///
    /// `workers` holds every worker of the fleet, in the order of their numbers, in every
    /// call. A policy must not pick one that is not [available](WorkerLoad::available), and
    /// returns [`Pick::Wait`] where it finds nobody to pick: the arrival is then offered
    /// again when the state of a worker has changed.
    fn pick(&mut self, arrival: &Arrival, workers: &[WorkerLoad]) -> Pick;
}

/// A connection or request that wants a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Address of the client, without the port: what stickiness goes by.
    pub client: IpAddr,
}

/// What a policy may know of a worker at the moment of the pick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerLoad {
    /// Whether it can be given work: alive, not draining, and its channel not full.
    pub available: bool,
    /// Connections that it holds open.
    pub connections_open: u32,
    /// Requests that it has begun and not yet answered.
    pub requests_in_flight: u32,
    /// Hand-offs that it has not acknowledged yet. Counted only for policies that ask for
    /// acknowledgements ([`Kind::acknowledged`]).
    pub unacknowledged: u32,
    /// When it acknowledged last, as a position in the order of all acknowledgements of the
    /// fleet: smaller is longer ago, 0 is never.
    pub acknowledged_at: u64,
}

/// A policy's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The worker of this number.
    Worker(usize),
    /// Nobody for now.
    Wait,
}

/// A policy as the catalogue knows it: its name, and how to make one.
pub struct Kind {
    /// The part of the key behind the colon, such as `sticky`.
    pub name: &'static str,
    /// One sentence, without a full stop, on whom it picks.
    pub summary: &'static str,
    /// Whether workers must acknowledge each hand-off, which costs a message.
    pub acknowledged: bool,
    /// Makes a policy whose randomness, if it has any, comes from this seed.
    pub make: fn(seed: u64) -> Box<dyn Policy>,
}

impl Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kind({})", self.name)
    }
}
