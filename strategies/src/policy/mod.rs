//! Policies: which worker gets the next connection or request.
//!
//! Each file of this folder is one policy. A line in [`FOR_CONNECTIONS`] or [`FOR_REQUESTS_ONLY`] puts
//! it into use.

use std::fmt::{self, Debug, Display, Formatter};
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::view::Workers;

pub use basis::Basis;

mod basis;
pub mod consistent;
pub mod idle;
pub mod join_idle;
pub mod late_binding;
pub mod least_connections;
pub mod least_requests;
pub mod maglev;
pub mod peak_ewma;
pub mod prequal;
pub mod random;
pub mod round_robin;
pub mod sticky;
pub mod sticky_cookie;
pub mod sticky_header;
pub mod three_choices;
pub mod two_choices;
pub mod weighted;

/// Policies for connections and for requests: every dispatcher can follow them.
pub static FOR_CONNECTIONS: &[&PolicyInfo] = &[
    &round_robin::ROUND_ROBIN,
    &weighted::WEIGHTED,
    &idle::IDLE,
    &random::RANDOM,
    &join_idle::JOIN_IDLE,
    &late_binding::LATE_BINDING,
    &least_connections::LEAST_CONNECTIONS,
    &two_choices::TWO_CHOICES,
    &three_choices::THREE_CHOICES,
    &sticky::STICKY,
    &consistent::CONSISTENT,
    &maglev::MAGLEV,
];

/// Policies for requests only: they need what only a proxy sees.
pub static FOR_REQUESTS_ONLY: &[&PolicyInfo] = &[
    &least_requests::LEAST_REQUESTS,
    &peak_ewma::PEAK_EWMA,
    &prequal::PREQUAL,
    &sticky_cookie::STICKY_COOKIE,
    &sticky_header::STICKY_HEADER,
];

/// Every policy.
pub fn all() -> impl Iterator<Item = &'static PolicyInfo> {
    FOR_CONNECTIONS.iter().chain(FOR_REQUESTS_ONLY).copied()
}

/// The rule that picks a worker for the next connection or request.
///
/// A policy is pure: it uses no clock and no I/O, and randomness only from its seed. So the same
/// arrivals and loads give the same picks. It may keep state between picks, such as whose turn it is,
/// but it knows the workers only from the arguments.
///
/// The dispatcher calls `pick` once per arrival. If the picked worker cannot be reached, it marks the
/// worker as unavailable and calls again for the same arrival.
pub trait Policy: Send {
    /// Picks one of the available workers, or lets the arrival wait. It must not allocate.
    ///
    /// `workers` contains every worker of the fleet, in the order of their numbers, with the loads at
    /// this moment. A policy must not pick a worker that is not
    /// [available](Workers::is_available). After [`Pick::Wait`] the arrival is offered again when the
    /// state of a worker has changed. Waiting arrivals are offered in their order.
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick;

    /// Reports that a worker has answered a request: after which latency, and when, measured since the
    /// dispatcher started. Only a proxy sees answers and calls this.
    fn answered(&mut self, _worker: usize, _latency: Duration, _now: Duration) {}

    /// Reports that a new worker has taken the place of this number. What is known of the earlier one, such as
    /// its latency, does not hold for it.
    fn replaced(&mut self, _worker: usize) {}

    /// Returns where requests have their [affinity key](Arrival::affinity_key).
    fn affinity_source(&self) -> AffinitySource {
        AffinitySource::None
    }
}

/// The part of a request that contains the affinity key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffinitySource {
    /// There is none.
    None,
    /// The last address in `X-Forwarded-For`, or in `Forwarded` if that field is missing, as a
    /// [key](crate::view::affinity::key).
    ForwardedFor,
    /// The number of a worker in the cookie `evenkeel-worker`, which answers set.
    Cookie,
}

/// A connection or request that needs a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Address of the client without the port, for affinity.
    pub client: IpAddr,
    /// Time of the arrival, measured since the dispatcher started.
    pub at: Duration,
    /// The affinity key of the request, if the policy has a [source](Policy::affinity_source) and the
    /// request contains one.
    pub affinity_key: Option<u64>,
}

/// The decision of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The worker of this number.
    Worker(usize),
    /// No worker for now.
    Wait,
}

impl From<Option<usize>> for Pick {
    fn from(worker: Option<usize>) -> Self {
        worker.map_or(Self::Wait, Self::Worker)
    }
}

/// The description of a policy, and how to create one.
pub struct PolicyInfo {
    /// The part of a strategy's key after the colon, such as `sticky`.
    pub name: &'static str,
    /// Which worker it picks: one sentence, without a full stop.
    pub summary: &'static str,
    /// What the choice depends on.
    pub basis: Basis,
    /// What affinity is based on, if the policy has any.
    pub sticky: Option<&'static str>,
    /// Systems with the same policy.
    pub known_from: &'static str,
    /// What workers report about connections that are handed to them.
    pub feedback: FeedbackMode,
    /// Creates the policy.
    pub make: fn(&Setup) -> Box<dyn Policy>,
}

/// What workers report to the dispatcher about connections that are handed to them. A policy that may
/// [wait](Pick::Wait) although workers are available needs to know when to pick again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackMode {
    /// Nothing.
    None,
    /// That a worker has accepted a hand-off. Costs a message per hand-off.
    OnAccept,
    /// That the first request of a connection has been answered. Costs a message while arrivals wait
    /// in the dispatcher. A connection is then accepted only when its client has sent something, since
    /// a silent client would occupy an idle worker.
    OnAnswer,
}

/// The arguments for creating a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Number of workers in the fleet.
    pub workers: usize,
    /// Seed of its randomness.
    pub seed: u64,
    /// Options of the user.
    pub options: Options,
}

impl Setup {
    /// Creates a setup with the default options.
    pub fn new(workers: usize, seed: u64) -> Self {
        let options = Options::default();
        Self {
            workers,
            seed,
            options,
        }
    }

    /// Creates the generator of its randomness.
    fn rng(&self) -> Rng {
        Rng::seed_from_u64(self.seed)
    }
}

/// The random numbers of policies: a fast generator, whose output depends only on its seed.
type Rng = Pcg64Mcg;

/// Options of policies. Each policy uses some of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Maximum in flight per worker, for policies with such a limit.
    pub max_in_flight: NonZeroU32,
    /// Weight of each worker, for policies with shares. If empty, all weights are equal.
    pub weights: Vec<NonZeroU16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_in_flight: NonZeroU32::MIN,
            weights: Vec::new(),
        }
    }
}

impl Display for Options {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} in flight per worker", self.max_in_flight)?;
        for (worker, weight) in self.weights.iter().enumerate() {
            write!(
                f,
                "{}{weight}",
                if worker == 0 { "; weights " } else { "," }
            )?;
        }
        Ok(())
    }
}

impl Debug for PolicyInfo {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyInfo({})", self.name)
    }
}
