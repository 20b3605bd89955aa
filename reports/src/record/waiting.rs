//! How long requests waited, beside what queueing theory says of them.

use serde::{Deserialize, Serialize};

use super::Latency;

/// Waiting times of the requests of a trial, microseconds: measured, and by the recursions of
/// [`bound`](crate::bound) on the same arrivals and the work that was really done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// From when a request was sent to its answer, less the time for which it took its worker up.
    pub measured: Latency,
    /// One queue for all workers, first come first served: no balancer does better.
    pub common_queue: Latency,
    /// Every request sent to a worker by chance: what blind choice gives, over many draws.
    pub random_split: Latency,
    /// How much a single draw of those differs from another; absent where a single worker leaves
    /// nothing to draw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random_split_scatter: Option<Scatter>,
    /// Every request at the worker that really served it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_served: Option<Latency>,
    /// An endless stream of such requests; absent unless arrivals are Poisson and work is
    /// exponential, and where the workers would not keep up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// What the waits ought to be, if theory says that of the strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// Standard deviations, microseconds, of figures that were taken in one window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scatter {
    /// Of the mean.
    pub mean: f64,
    /// Of the 99th percentile.
    pub p99: f64,
}

/// What the closed formulas say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Formula {
    /// How much of the time each worker is busy, by the ordered rate and the work that is done.
    pub load: f64,
    /// One queue for all workers: M/M/k.
    pub common_queue: Stationary,
    /// Every request sent to a worker by chance: M/M/1 at each.
    pub random_split: Stationary,
}

/// Waits of an endless stream, microseconds, and how far one window may lie from them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stationary {
    /// The mean.
    pub mean: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// What luck alone makes of these figures in a window as long as the measured time.
    pub scatter: Scatter,
}

/// What the waits of a strategy ought to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Which of the two.
    pub theory: Theory,
    /// How far mean and 99th percentile may be off: 0.1 is 10%.
    pub within: f64,
}

/// One of the two ways in which requests can share workers that theory has figures of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theory {
    /// One queue for all workers.
    CommonQueue,
    /// Every request sent to a worker by chance.
    RandomSplit,
}
