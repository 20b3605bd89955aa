//! What queueing theory predicts for a strategy.

use evenkeel_reports::{Expected, Theory};
use evenkeel_strategies::{Profile, QueueingModel};

/// The waits that queueing theory predicts; `None` if it predicts none, since the choice of a worker
/// neither follows which one is free nor is random.
pub(super) fn expected(profile: &Profile<'_>) -> Option<Expected> {
    let (model, within) = profile.queueing()?;
    let theory = match model {
        QueueingModel::CommonQueue => Theory::CommonQueue,
        QueueingModel::RandomSplit => Theory::RandomSplit,
    };
    Some(Expected { theory, within })
}
