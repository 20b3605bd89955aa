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

/// A queue with Poisson arrivals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Queue {
    /// M/M/k: any number of workers, exponential service.
    Exponential {
        /// How busy each worker is.
        load: Load,
        /// Workers that serve the queue.
        workers: NonZeroUsize,
    },
    /// M/G/1: one worker, service of any distribution.
    General {
        /// How busy the worker is.
        load: Load,
        /// Variance of the service time in units of its squared mean: 0 for constant service
        /// (M/D/1), 1 for exponential service (M/M/1).
        squared_variation: f64,
    },
}

impl Queue {
    /// One worker, exponential service.
    pub fn mm1(load: Load) -> Queue {
        Queue::mmk(load, NonZeroUsize::MIN)
    }

    /// One worker, every request the same work.
    pub fn md1(load: Load) -> Queue {
        Queue::mg1(load, 0.0)
    }

    /// One worker, service of any distribution with this squared coefficient of variation.
    pub fn mg1(load: Load, squared_variation: f64) -> Queue {
        Queue::General {
            load,
            squared_variation,
        }
    }

    /// Several workers on one queue, exponential service.
    pub fn mmk(load: Load, workers: NonZeroUsize) -> Queue {
        Queue::Exponential { load, workers }
    }

    /// Mean wait before service, in mean service times: by Erlang's C formula over the idle
    /// capacity (M/M/k), or by the formula of Pollaczek and Khinchine (M/G/1).
    pub fn mean_wait(&self) -> f64 {
        match *self {
            Queue::Exponential { load, workers } => {
                erlang_c(load, workers) / idle_workers(load, workers)
            }
            Queue::General {
                load: Load(load),
                squared_variation,
            } => load * (1.0 + squared_variation) / (2.0 * (1.0 - load)),
        }
    }

    /// The wait, in mean service times, that a share `quantile` of the requests does not
    /// exceed. A wait in M/M/k is 0 or, if all workers are busy, exponential. `None` for M/G/1,
    /// whose waits depend on more of the distribution of service than its variation.
    pub fn wait_quantile(&self, quantile: f64) -> Option<f64> {
        let Queue::Exponential { load, workers } = *self else {
            return None;
        };
        let beyond = erlang_c(load, workers) / (1.0 - quantile);
        Some(beyond.ln().max(0.0) / idle_workers(load, workers))
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
