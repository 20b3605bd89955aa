//! Shares by order.

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo, Setup};
use crate::view::{Workers, choice};

/// Rotation in which each worker has turns by its weight, spread evenly: the smooth weighted
/// round robin of nginx (`ngx_http_upstream_get_peer`).
///
/// Every available worker's credit grows by its weight; the one with the most has the turn and
/// pays the sum of all weights. So with weights 3,1,1 the order is 0 1 0 2 0, over and over.
/// Weights are ordered by [`Options::weights`](super::Options::weights). O(n).
pub static WEIGHTED: PolicyInfo = PolicyInfo {
    name: "weighted",
    summary: "rotation with turns by weight, spread evenly (--weights)",
    sticky: None,
    known_from: "nginx (weight)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Weighted::new(setup)),
};

struct Weighted {
    weights: Vec<i32>,
    /// The weights of those that are available, 0 for the others.
    effective: Vec<i32>,
    sum: i32,
    /// Never farther from 0 than the sum of all weights.
    credits: Vec<i32>,
    /// Of the workers when `effective` was written down; `None` before.
    changes: Option<u64>,
}

/// The credit of a worker that is not available: with it, it never has the most.
const NONE: i32 = i32::MIN;

impl Weighted {
    fn new(setup: &Setup) -> Self {
        let ordered = &setup.options.weights;
        let weight = |worker: usize| {
            ordered
                .get(worker)
                .map_or(1, |weight| i32::from(weight.get()))
        };
        Self {
            weights: (0..setup.workers).map(weight).collect(),
            effective: vec![0; setup.workers],
            sum: 0,
            credits: vec![0; setup.workers],
            changes: None,
        }
    }

    fn look_who_is_there(&mut self, workers: &Workers) {
        for worker in 0..workers.count() {
            if workers.is_available(worker) {
                self.effective[worker] = self.weights[worker];
                if self.credits[worker] == NONE {
                    self.credits[worker] = 0;
                }
            } else {
                self.effective[worker] = 0;
                self.credits[worker] = NONE;
            }
        }
        self.sum = self.effective.iter().sum();
    }
}

impl Policy for Weighted {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        if self.changes != Some(workers.changes()) {
            self.changes = Some(workers.changes());
            self.look_who_is_there(workers);
        }
        let mut most = NONE;
        for (credit, weight) in self.credits.iter_mut().zip(&self.effective) {
            *credit += weight;
            most = most.max(*credit);
        }
        if most == NONE {
            return Pick::Wait;
        }
        let next = choice::position(&self.credits, most);
        if let Some(worker) = next {
            self.credits[worker] -= self.sum;
        }
        next.into()
    }
}
