//! Who gets the next connection or request.
//!
//! Every file of this folder is one policy, which comes into use by a line in
//! [`FOR_CONNECTIONS`] or [`FOR_REQUESTS_ONLY`].

use std::fmt::{self, Debug, Display, Formatter};
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::view::Workers;

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

/// Who gets the next connection or request.
///
/// A policy is pure: no clock, no I/O, and randomness only from the seed that it was made
/// with. So the same arrivals and loads give the same picks. It may keep state between
/// picks (whose turn it is), but what it knows of the workers is only what it is shown.
///
/// The dispatcher calls `pick` once per arrival; where the picked worker turns out to be
/// unreachable it marks that worker unavailable and calls again for the same arrival.
pub trait Policy: Send {
    /// Picks one of the available workers, or none for now. It allocates nothing.
    ///
    /// `workers` holds every worker of the fleet, in the order of their numbers, in every
    /// call, and their loads as they are at this moment. A policy must not pick one that is not
    /// [available](Workers::is_available), and returns [`Pick::Wait`] where it finds nobody to
    /// pick: the arrival is then offered again when the state of a worker has changed. What
    /// waits is offered in the order of arrival.
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick;

    /// A worker has answered a request that was picked for, after so long, at that time since
    /// the dispatcher began. Only a dispatcher that sees answers, a proxy, says so.
    fn answered(&mut self, _worker: usize, _latency: Duration, _now: Duration) {}

    /// Where a request has its [affinity key](Arrival::affinity_key).
    fn affinity_source(&self) -> AffinitySource {
        AffinitySource::None
    }
}

/// What a policy for requests goes by that stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffinitySource {
    /// Nothing.
    None,
    /// The last address in `X-Forwarded-For`, as a [key](crate::view::affinity::key).
    ForwardedFor,
    /// The number of the worker that the cookie `evenkeel-worker` names. Answers set it.
    Cookie,
}

/// A connection or request that wants a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Address of the client, without the port: what stickiness goes by.
    pub client: IpAddr,
    /// When it came, since the dispatcher began.
    pub at: Duration,
    /// What a request says where the policy [has a source](Policy::affinity_source) of one it, if it says anything.
    pub affinity_key: Option<u64>,
}

/// A policy's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The worker of this number.
    Worker(usize),
    /// Nobody for now.
    Wait,
}

impl From<Option<usize>> for Pick {
    fn from(worker: Option<usize>) -> Self {
        worker.map_or(Self::Wait, Self::Worker)
    }
}

/// A policy as the catalogue knows it: its name, and how to make one.
pub struct PolicyInfo {
    /// The part of the key behind the colon, such as `sticky`.
    pub name: &'static str,
    /// One sentence, without a full stop, on whom it picks.
    pub summary: &'static str,
    /// By what it keeps a client at the same worker, if it does.
    pub sticky: Option<&'static str>,
    /// Systems that choose so.
    pub known_from: &'static str,
    /// What workers that are handed connections tell its dispatcher.
    pub feedback: FeedbackMode,
    /// Makes a policy.
    pub make: fn(&Setup) -> Box<dyn Policy>,
}

/// What a worker that is handed connections tells the dispatcher besides its end. A policy that
/// may [wait](Pick::Wait) while workers are available needs to be told when to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackMode {
    /// Nothing.
    None,
    /// Each hand-off as it is taken in, which costs a message.
    OnAccept,
    /// That a connection which it was given has been answered, which costs a message while
    /// others wait in the dispatcher. Connections are then accepted only once their clients
    /// have said something: one that is silent would hold a worker that has nothing to do.
    OnAnswer,
}

/// What a policy is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Workers of the fleet.
    pub workers: usize,
    /// Where its randomness comes from, if it has any.
    pub seed: u64,
    /// What the user has ordered.
    pub options: Options,
}

impl Setup {
    /// For so many workers, with the usual options.
    pub fn new(workers: usize, seed: u64) -> Self {
        let options = Options::default();
        Self {
            workers,
            seed,
            options,
        }
    }
}

/// What can be ordered of policies. Each takes what concerns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// How much a worker may have in flight, where the policy has such a limit.
    pub max_in_flight: NonZeroU32,
    /// The share of each worker, where the policy gives shares; if empty, all have the same.
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
