//! The less loaded of two random workers.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks of two random workers the one with fewer connections (Mitzenmacher, "The power of two choices
/// in randomized load balancing", IEEE TPDS 12, 2001).
///
/// It reads the loads of two workers only, and is far better than a single draw. Several dispatchers
/// that see the same loads do not all pick the same worker. O(1) while most workers are available.
pub static TWO_CHOICES: PolicyInfo = PolicyInfo {
    name: "two-choices",
    summary: "of two workers drawn at random the one with fewer connections",
    basis: Basis::Load,
    sticky: None,
    known_from: "nginx (random two), HAProxy (random(2))",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Choices::<2>(setup.rng())),
};

/// Picks of `N` random workers the one with the fewest connections.
pub(super) struct Choices<const N: usize>(pub(super) Rng);

impl<const N: usize> Policy for Choices<N> {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let drawn = choice::some::<N>(workers, &mut self.0);
        let load = |worker: &usize| workers.load(*worker, Signal::Connections);
        // Between equals the first draw wins, which is as random as a further draw.
        drawn
            .and_then(|drawn| drawn.into_iter().min_by_key(load))
            .into()
    }
}
