//! Strict rotation.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::Workers;

/// Picks the workers in the order of their numbers, again and again, and passes over those that are
/// not available. O(1) while most workers are available.
pub static ROUND_ROBIN: PolicyInfo = PolicyInfo {
    name: "round-robin",
    summary: "strict rotation over the workers",
    basis: Basis::Turns,
    sticky: None,
    known_from: "nginx, HAProxy (roundrobin), Envoy (ROUND_ROBIN)",
    feedback: FeedbackMode::None,
    make: |_setup| Box::new(RoundRobin { next: 0 }),
};

struct RoundRobin {
    next: usize,
}

impl Policy for RoundRobin {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        for _ in 0..workers.count() {
            let candidate = self.next;
            self.next = (candidate + 1) % workers.count();
            if workers.is_available(candidate) {
                return Pick::Worker(candidate);
            }
        }
        Pick::Wait
    }
}
