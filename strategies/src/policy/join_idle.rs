//! A random idle worker.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks a random idle worker. If none is idle, it picks a random worker.
///
/// This is the choice of Join-Idle-Queue (Lu and others, Performance Evaluation 68, 2011). There an
/// idle worker adds itself to a list of the dispatcher. Here the dispatcher reads the loads at the
/// moment of the pick, so no list contains a worker that has become busy. O(n).
pub static JOIN_IDLE: PolicyInfo = PolicyInfo {
    name: "join-idle",
    summary: "any worker with nothing in flight, else any worker",
    basis: Basis::Load,
    sticky: None,
    known_from: "Join-Idle-Queue (Microsoft, Performance 2011)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(JoinIdle(setup.rng())),
};

struct JoinIdle(Rng);

impl Policy for JoinIdle {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let pending = workers.loads(Signal::Pending);
        match choice::least(pending, &mut self.0) {
            Some(worker) if pending[worker] == 0 => Pick::Worker(worker),
            _ => choice::any(workers, &mut self.0).into(),
        }
    }
}
