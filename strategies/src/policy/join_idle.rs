//! An idle worker if there is one.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// Any worker that has nothing to do; where all have something, any of all.
///
/// That is the choice of Join-Idle-Queue (Lu and others, Performance Evaluation 68, 2011). There
/// idle workers write themselves into a dispatcher's list; here the dispatcher reads at the
/// moment of the pick whether they are, so nobody stands in a list who has become busy. O(n).
pub static JOIN_IDLE: PolicyInfo = PolicyInfo {
    name: "join-idle",
    summary: "any worker with nothing in flight, else any worker",
    sticky: None,
    known_from: "Join-Idle-Queue (Microsoft, Performance 2011)",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(JoinIdle {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
        })
    },
};

struct JoinIdle {
    rng: Pcg64Mcg,
}

impl Policy for JoinIdle {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let pending = workers.loads(Signal::Pending);
        match choice::least(pending, &mut self.rng) {
            Some(worker) if pending[worker] == 0 => Pick::Worker(worker),
            _ => choice::any(workers, &mut self.rng).into(),
        }
    }
}
