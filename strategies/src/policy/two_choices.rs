//! The better of two.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// Of two workers drawn at random the one with fewer connections (Mitzenmacher, "The power of
/// two choices in randomized load balancing", IEEE TPDS 12, 2001).
///
/// It needs to look at two workers only, and is far better than one draw. Several dispatchers
/// that see the same loads do not all run to the same worker. O(1) while most workers are
/// available.
pub static TWO_CHOICES: PolicyInfo = PolicyInfo {
    name: "two-choices",
    summary: "of two workers drawn at random the one with fewer connections",
    sticky: None,
    known_from: "nginx (random two), HAProxy (random(2))",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(TwoChoices {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
        })
    },
};

struct TwoChoices {
    rng: Pcg64Mcg,
}

impl Policy for TwoChoices {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let Some((one, other)) = choice::two(workers, &mut self.rng) else {
            return Pick::Wait;
        };
        let load = |worker| workers.load(worker, Signal::Connections);
        // Of two with the same load the first that was drawn: as good as a third draw.
        let busier = load(one) > load(other);
        Pick::Worker(if busier { other } else { one })
    }
}
