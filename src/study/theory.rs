//! What queueing theory says of a strategy.

use evenkeel_reports::compare::stem;
use evenkeel_reports::{Expected, Theory};

/// A single worker leaves nothing to choose, so only what the testbed itself adds can be off.
const OF_SINGLE: f64 = 0.10;

/// Choosing among workers takes time, and who is free is known a moment late.
const OF_MANY: f64 = 0.15;

/// What the waits under a strategy ought to be; `None` where theory has no figure, since the
/// choice neither follows who is free nor is blind.
pub(super) fn expected(key: &str) -> Option<Expected> {
    let (theory, within) = match stem(key) {
        "single" => (Theory::CommonQueue, OF_SINGLE),
        "shared-listener" | "handoff:late-binding" => (Theory::CommonQueue, OF_MANY),
        "handoff:random" => (Theory::RandomSplit, OF_MANY),
        _ => return None,
    };
    Some(Expected { theory, within })
}
