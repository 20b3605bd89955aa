//! What Node's cluster module does under its default scheduling policy.

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::Workers;

/// The worker that has been without an unacknowledged hand-off for longest.
///
/// Node calls it round-robin. Its primary keeps a list of free workers: a worker leaves it
/// with a hand-off, and joins it again, at the end, when it acknowledges that hand-off. So a
/// worker whose event loop is busy acknowledges late and gets less
/// (`lib/internal/cluster/round_robin_handle.js` in Node). O(1).
pub static IDLE: PolicyInfo = PolicyInfo {
    name: "idle",
    summary: "the worker that acknowledged its last hand-off longest ago; one hand-off at a time each",
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
