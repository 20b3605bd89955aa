//! Several builds of evenkeel, or variants of the fleet, in one study: each strategy takes part with all of them in
//! every block.

use super::family::keys;
use crate::study::Study;

/// Character between the key of a strategy and the label of the build that serves it, or of the variant of the
/// fleet: `single@baseline`.
pub const BUILD_MARK: char = '@';

/// Returns pairs of keys: each strategy with the first build or variant, and with another one. Empty for a study of
/// one build and one variant.
pub fn builds(study: &Study) -> Vec<(&str, &str)> {
    let mut others: Vec<&str> = study.header.plan.labels().collect();
    if others.is_empty() {
        return Vec::new();
    }
    let first = others.remove(0);
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

/// Returns the strategy of a key with this label.
fn strategy_of<'a>(key: &'a str, label: &str) -> Option<&'a str> {
    let (strategy, its) = key.rsplit_once(BUILD_MARK)?;
    (its == label).then_some(strategy)
}
