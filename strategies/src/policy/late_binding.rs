//! One queue before all workers.

use std::num::NonZeroU32;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// A worker that has less in flight than it may, and of those one with the least; while there
/// is none, arrivals wait in the dispatcher, and the first of them goes to the worker that
/// becomes free first.
///
/// That is the central queue of queueing theory (M/G/k): nobody waits behind a slow request
/// while another worker is idle. HAProxy does it with `maxconn 1` on its servers.
///
/// What is in flight is told by [`Signal::Unanswered`]. So a connection that is handed over
/// counts until its first request has been answered, and with one request per connection that
/// is all. Later requests on a connection that is kept do not count, as the worker has it
/// already and they come there in any case: if they did, the kept connections of busy clients
/// could hold off new ones for ever. A proxy, which places each request, has each count; under
/// `splice`, which sees nothing but bytes, a connection counts until it ends. The
/// limit holds for the whole fleet with one dispatcher; several may exceed it by picking at
/// the same moment (`handoff`), or keep it each for itself (`splice`, `proxy`). O(n).
pub static LATE_BINDING: PolicyInfo = PolicyInfo {
    name: "late-binding",
    summary: "a worker with nothing in flight; until there is one, arrivals wait in one queue",
    sticky: None,
    known_from: "HAProxy (maxconn of a server)",
    feedback: FeedbackMode::OnAnswer,
    make: |setup| {
        Box::new(LateBinding {
            limit: setup.options.max_in_flight,
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
        })
    },
};

struct LateBinding {
    limit: NonZeroU32,
    rng: Pcg64Mcg,
}

impl Policy for LateBinding {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let in_flight = workers.loads(Signal::Unanswered);
        choice::least(in_flight, &mut self.rng)
            .filter(|worker| in_flight[*worker] < self.limit.get())
            .into()
    }
}
