//! Affinity by client address.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Workers, affinity};

/// Picks the first available worker in the order of the client's address
/// ([rendezvous hashing](affinity::first)). O(1) while most workers are available.
///
/// The loss of a worker moves only its own clients, and only those return with it.
pub static STICKY: PolicyInfo = PolicyInfo {
    name: "sticky",
    summary: "the same worker for the same client address, by rendezvous hashing",
    basis: Basis::Client,
    sticky: Some("the client's address"),
    known_from: "nginx (ip_hash), HAProxy (balance source)",
    feedback: FeedbackMode::None,
    make: |_setup| Box::new(Sticky),
};

struct Sticky;

impl Policy for Sticky {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let key = affinity::key(arrival.client);
        affinity::first(key, workers, |worker| workers.is_available(worker)).into()
    }
}
