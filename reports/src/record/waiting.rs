//! How long requests waited, and how long they should have waited by queueing theory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Latency;

/// Waiting times of the requests of a trial, microseconds: measured, and by the recursions of
/// [`bound`](crate::bound) on the same arrivals and the work that was done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// From sending a request to its answer, less the time for which it occupied its worker.
    pub measured: Latency,
    /// One queue for all workers, first come, first served: no balancer does better.
    pub common_queue: Latency,
    /// Every request sent to a random worker, over many draws.
    pub random_split: Latency,
    /// How much such draws differ; absent for a single worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random_split_scatter: Option<Scatter>,
    /// Every request at the worker that served it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_served: Option<Latency>,
    /// An endless stream of such requests; absent unless arrivals are Poisson, work is exponential
    /// and the workers keep up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<Formula>,
    /// The theory that the waits should follow, if there is one for the strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// Standard deviations of the figures of one window, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scatter {
    /// Of the mean.
    pub mean: f64,
    /// Of the 99th percentile.
    pub p99: f64,
}

/// Results of the closed formulas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Formula {
    /// Share of the time for which each worker is busy, from the requested rate and the work.
    pub load: f64,
    /// One queue for all workers: M/M/k.
    pub common_queue: Stationary,
    /// Every request sent to a random worker: M/M/1 at each.
    pub random_split: Stationary,
}

/// Waits of an endless stream, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stationary {
    /// The mean.
    pub mean: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// How much these figures vary by chance in a window as long as the measured time.
    pub scatter: Scatter,
}

/// The theory that the waits of a strategy should follow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// The theory.
    pub theory: Theory,
    /// Largest relative deviation of the mean and of the 99th percentile: 0.1 is 10%.
    pub within: f64,
}

/// A model of how requests share workers for which theory has figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theory {
    /// One queue for all workers.
    CommonQueue,
    /// Every request sent to a random worker.
    RandomSplit,
}
