//! The worker with the fewest connections.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// The worker that holds the fewest connections, those on their way to it included; of several,
/// any of them with the same chance. nginx and HAProxy have it as `least_conn` and `leastconn`.
/// O(n).
pub static LEAST_CONNECTIONS: PolicyInfo = PolicyInfo {
    name: "least-connections",
    summary: "the worker with the fewest open connections",
    sticky: None,
    known_from: "nginx (least_conn), HAProxy (leastconn), LVS (lc)",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(LeastConnections {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
        })
    },
};

struct LeastConnections {
    rng: Pcg64Mcg,
}

impl Policy for LeastConnections {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        choice::least(workers.loads(Signal::Connections), &mut self.rng).into()
    }
}
