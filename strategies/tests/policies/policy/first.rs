//! As few workers as possible.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers};

/// The first worker by number with less in flight than its limit, otherwise the last available one. O(n).
pub static FIRST: PolicyInfo = PolicyInfo {
    name: "first",
    summary: "the first worker by number that has less in flight than its limit",
    basis: Basis::Load,
    sticky: None,
    known_from: "HAProxy (balance first)",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(First {
            limit: setup.options.max_in_flight.get(),
        })
    },
};

struct First {
    limit: u32,
}

impl Policy for First {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let loads = workers.loads(Signal::Unanswered);
        let below_limit = loads.iter().position(|load| *load < self.limit);
        let last = (0..workers.count()).rfind(|worker| workers.is_available(*worker));
        below_limit.or(last).into()
    }
}
