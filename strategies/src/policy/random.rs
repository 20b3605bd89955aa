//! A random worker.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Workers, choice};

/// Picks a random available worker. O(1) while most workers are available.
pub static RANDOM: PolicyInfo = PolicyInfo {
    name: "random",
    summary: "a random worker",
    basis: Basis::Chance,
    sticky: None,
    known_from: "nginx (random), HAProxy (random), Envoy (RANDOM)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Random(setup.rng())),
};

struct Random(Rng);

impl Policy for Random {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        choice::any(workers, &mut self.0).into()
    }
}
