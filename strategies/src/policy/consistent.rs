//! The same client to the same worker, unless that has too much to do.

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, affinity};

/// The first worker in the client's order that has less than 1.25 times its fair share of all
/// connections: consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam,
/// SODA 2018), as HAProxy's `hash-balance-factor 125`.
///
/// The paper goes on round a ring when a worker is full, so that its neighbour takes over all
/// that it cannot take; here each client goes on in an [order of its own](affinity::first),
/// which spreads them (Chen, Coleman and Shrivastava, "Revisiting consistent hashing with
/// bounded loads", AAAI 2021). O(n), for the sum of the loads.
pub static CONSISTENT: PolicyInfo = PolicyInfo {
    name: "consistent",
    summary: "the same worker for the same client address, unless it has over 1.25 times its share",
    sticky: Some("the client's address, within 1.25 times the share"),
    known_from: "HAProxy (hash-balance-factor)",
    feedback: FeedbackMode::None,
    make: |_setup| Box::new(Consistent),
};

/// Room above the fair share, in quarters: 5 are a factor of 1.25, the value that the authors'
/// experiments and HAProxy's documentation settle on between movement and balance.
const QUARTERS: u64 = 5;

struct Consistent;

impl Policy for Consistent {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let available = workers.available() as u64;
        if available == 0 {
            return Pick::Wait;
        }
        let total = u64::from(workers.total(Signal::Connections));
        let room = (QUARTERS * (total + 1)).div_ceil(4 * available);
        let will_do = |worker| {
            let load = u64::from(workers.load(worker, Signal::Connections));
            workers.is_available(worker) && load < room
        };
        affinity::first(affinity::key(arrival.client), workers, will_do).into()
    }
}
