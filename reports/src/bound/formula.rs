//! Closed formulas for Poisson arrivals, in units of the mean service time.
//!
//! Formulas and notation as in L. Kleinrock, "Queueing Systems, Volume 1: Theory", 1975, and
//! D. Gross and C. M. Harris, "Fundamentals of Queueing Theory", 1998.

use std::num::NonZeroUsize;

/// Share of the time for which each worker is busy: above 0 and below 1, where queues stay finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Load(f64);

impl Load {
    /// `None` unless the share lies between 0 and 1, both excluded.
    pub fn new(share: f64) -> Option<Load> {
        (share > 0.0 && share < 1.0).then_some(Load(share))
    }

    /// Returns the share.
    pub fn share(self) -> f64 {
        self.0
    }
}

/// M/M/k: Poisson arrivals, exponential service, any number of workers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// How busy each worker is.
    pub load: Load,
    /// Workers that serve the queue.
    pub workers: NonZeroUsize,
}

impl Queue {
    /// Mean wait before service, in mean service times: Erlang's C formula over the idle capacity.
    pub fn mean_wait(&self) -> f64 {
        erlang_c(self.load, self.workers) / idle_workers(self.load, self.workers)
    }

    /// The wait, in mean service times, that a share `quantile` of the requests does not
    /// exceed: 0 or, if all workers are busy, exponential.
    pub fn wait_quantile(&self, quantile: f64) -> f64 {
        let beyond = erlang_c(self.load, self.workers) / (1.0 - quantile);
        beyond.ln().max(0.0) / idle_workers(self.load, self.workers)
    }
}

fn idle_workers(Load(load): Load, workers: NonZeroUsize) -> f64 {
    workers.get() as f64 * (1.0 - load)
}

/// Erlang's C formula: the probability that a request finds all workers busy.
///
/// By way of the recursion for Erlang's B formula, in which nothing overflows, unlike in the
/// factorials of the definition (Gross and Harris, section 2.4).
fn erlang_c(Load(load): Load, workers: NonZeroUsize) -> f64 {
    let offered = workers.get() as f64 * load;
    let lost = |lost: f64, worker: usize| offered * lost / (worker as f64 + offered * lost);
    let erlang_b = (1..=workers.get()).fold(1.0, lost);
    erlang_b / (1.0 - load * (1.0 - erlang_b))
}
