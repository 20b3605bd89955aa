//! The worker with the fewest requests.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks the worker with the fewest requests in flight. A random draw decides between equals. Envoy
/// calls it `LEAST_REQUEST`, with a full scan. O(n).
///
/// In a proxy every request in flight has its own connection to the worker, so `least-connections`
/// makes the same picks there.
pub static LEAST_REQUESTS: PolicyInfo = PolicyInfo {
    name: "least-requests",
    summary: "the worker with the fewest requests in flight",
    basis: Basis::Load,
    sticky: None,
    known_from: "Envoy (LEAST_REQUEST)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(LeastRequests(setup.rng())),
};

struct LeastRequests(Rng);

impl Policy for LeastRequests {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        choice::least(workers.loads(Signal::Requests), &mut self.0).into()
    }
}
