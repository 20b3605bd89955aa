//! One queue in front of all workers.

use std::num::NonZeroU32;

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks the worker with the least in flight, if that is below the limit. Otherwise arrivals wait in
/// the dispatcher, and the first of them goes to the worker that becomes free first.
///
/// This is the central queue of queueing theory (M/G/k): no arrival waits behind a slow request while
/// another worker is idle. HAProxy does the same with `maxconn 1` on its servers.
///
/// [`Signal::Unanswered`] counts what is in flight. A connection that was handed over counts until its
/// first request has been answered. Later requests on the same connection do not count, since they
/// reach the same worker in any case: if they did, the connections of busy clients could keep new
/// ones waiting for ever. In a proxy each request counts. Under `splice`, which sees only bytes, a
/// connection counts until it ends.
///
/// With one dispatcher the limit holds for the whole fleet. Several dispatchers may exceed it by
/// picking at the same moment (`handoff`), or apply it separately (`splice`, `proxy`). O(n).
pub static LATE_BINDING: PolicyInfo = PolicyInfo {
    name: "late-binding",
    summary: "a worker with nothing in flight; until there is one, arrivals wait in one queue",
    basis: Basis::CommonQueue,
    sticky: None,
    known_from: "HAProxy (maxconn of a server)",
    feedback: FeedbackMode::OnAnswer,
    make: |setup| {
        Box::new(LateBinding {
            limit: setup.options.max_in_flight,
            rng: setup.rng(),
        })
    },
};

struct LateBinding {
    limit: NonZeroU32,
    rng: Rng,
}

impl Policy for LateBinding {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let in_flight = workers.loads(Signal::Unanswered);
        choice::least(in_flight, &mut self.rng)
            .filter(|worker| in_flight[*worker] < self.limit.get())
            .into()
    }
}
