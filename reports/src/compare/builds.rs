//! Several builds of evenkeel in one study, each strategy served by all of them in every block.

use super::family::keys;
use crate::record::ExecutableRecord;
use crate::study::Study;

/// Character between the key of a strategy and the label of the build that serves it:
/// `single@baseline`.
pub const BUILD_MARK: char = '@';

/// Returns pairs of keys: each strategy as the first build serves it, and as another build does. Empty
/// for a study of one build.
pub fn builds(study: &Study) -> Vec<(&str, &str)> {
    let Some((first, others)) = study.header.plan.executables.split_first() else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for baseline in keys(study) {
        let Some(strategy) = strategy_of(baseline, first) else {
            continue;
        };
        let served = |key: &&str| others.iter().any(|o| strategy_of(key, o) == Some(strategy));
        pairs.extend(keys(study).filter(served).map(|key| (baseline, key)));
    }
    pairs
}

/// Returns the strategy of a key, if this build serves it.
fn strategy_of<'a>(key: &'a str, build: &ExecutableRecord) -> Option<&'a str> {
    let (strategy, label) = key.rsplit_once(BUILD_MARK)?;
    (label == build.label).then_some(strategy)
}
