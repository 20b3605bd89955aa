//! Configured shares.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Setup};
use crate::view::{Workers, choice};

/// Rotates over the workers, each with as many turns as its weight, spread evenly: the smooth weighted
/// round robin of nginx (`ngx_http_upstream_get_peer`).
///
/// With each pick the credit of every available worker grows by its weight. The worker with the most
/// credit is picked, and pays the sum of all weights. So with weights 3,1,1 the order is 0 1 0 2 0,
/// again and again. [`Options::weights`](super::Options::weights) sets the weights. O(n).
pub static WEIGHTED: PolicyInfo = PolicyInfo {
    name: "weighted",
    summary: "rotation in which the turns of each worker follow its weight, spread evenly (--weights)",
    basis: Basis::Shares,
    sticky: None,
    known_from: "nginx (weight)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Weighted::new(setup)),
};

struct Weighted {
    weights: Vec<i32>,
    /// The weights of available workers, and 0 for the others.
    effective: Vec<i32>,
    sum: i32,
    /// The credits, between minus and plus the sum of all weights.
    credits: Vec<i32>,
    /// [`Workers::changes`] when `effective` was computed, or `None` before that.
    changes: Option<u64>,
}

/// The credit of a worker that is not available, less than any other.
const NONE: i32 = i32::MIN;

impl Weighted {
    fn new(setup: &Setup) -> Self {
        let configured = &setup.options.weights;
        let weight = |worker: usize| {
            configured
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

    fn update_availability(&mut self, workers: &Workers) {
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
            self.update_availability(workers);
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
