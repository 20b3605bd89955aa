//! The worker with the fewest connections.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks the worker with the fewest connections, including those on their way to it. A random draw
/// decides between equals. nginx calls it `least_conn`, HAProxy `leastconn`. O(n).
pub static LEAST_CONNECTIONS: PolicyInfo = PolicyInfo {
    name: "least-connections",
    summary: "the worker with the fewest open connections",
    basis: Basis::Load,
    sticky: None,
    known_from: "nginx (least_conn), HAProxy (leastconn), LVS (lc)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(LeastConnections(setup.rng())),
};

struct LeastConnections(Rng);

impl Policy for LeastConnections {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        choice::least(workers.loads(Signal::Connections), &mut self.0).into()
    }
}
