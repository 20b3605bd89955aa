//! Affinity by client address, with a limit of the load.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, affinity};

/// Picks the first worker in the client's order that has less than 1.25 times its fair share of
/// all connections: consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam,
/// SODA 2018), like HAProxy's `hash-balance-factor 125`.
///
/// In the paper a full worker passes its clients to its neighbour on a ring. Here each client has
/// its [own order](affinity::first) of workers, so that these clients spread over all others (Chen,
/// Coleman and Shrivastava, "Revisiting consistent hashing with bounded loads", AAAI 2021). O(n),
/// for the sum of the loads.
pub static CONSISTENT: PolicyInfo = PolicyInfo {
    name: "consistent",
    summary: "the same worker for the same client address, unless it has over 1.25 times its share",
    basis: Basis::Client,
    sticky: Some("the client's address, within 1.25 times the share"),
    known_from: "HAProxy (hash-balance-factor)",
    feedback: FeedbackMode::None,
    make: |_setup| Box::new(Consistent),
};

/// Limit relative to the fair share, in quarters: a factor of 1.25. The paper's experiments and
/// HAProxy's documentation recommend it as a compromise between movement and balance.
const QUARTERS: u64 = 5;

struct Consistent;

impl Policy for Consistent {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let available = workers.available() as u64;
        if available == 0 {
            return Pick::Wait;
        }
        let total = u64::from(workers.total(Signal::Connections));
        let limit = (QUARTERS * (total + 1)).div_ceil(4 * available);
        let has_room = |worker| {
            let load = u64::from(workers.load(worker, Signal::Connections));
            workers.is_available(worker) && load < limit
        };
        affinity::first(affinity::key(arrival.client), workers, has_room).into()
    }
}
