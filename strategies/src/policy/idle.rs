//! The default scheduling policy of Node's cluster module.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::Workers;

/// Picks the worker that has had no unacknowledged hand-off for the longest time.
///
/// Node calls this round-robin. Its primary keeps a free list: a hand-off removes a worker from the
/// list, and its acknowledgement appends the worker again. So a worker with a busy event loop
/// acknowledges late and gets fewer connections (`lib/internal/cluster/round_robin_handle.js` in
/// Node). O(1).
pub static IDLE: PolicyInfo = PolicyInfo {
    name: "idle",
    summary: "the worker that acknowledged its last hand-off longest ago; one hand-off at a time per worker",
    basis: Basis::Load,
    sticky: None,
    known_from: "Node's cluster by default",
    feedback: FeedbackMode::OnAccept,
    make: |_setup| Box::new(Idle),
};

struct Idle;

impl Policy for Idle {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        workers.longest_free().into()
    }
}
