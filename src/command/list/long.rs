//! What there is to know of each strategy.

use evenkeel_strategies::Strategy;
use serde_json::{Map, Value, json};

use super::Listed;

/// Everything but the key and the sentence, by name; what does not apply is `None`.
type Facts = [(&'static str, Option<String>); 7];

/// What is told of a strategy, in the order in which it is shown.
fn facts(strategy: &dyn Strategy) -> Facts {
    let profile = strategy.profile();
    let policy = profile.policy;
    let known_from = match policy {
        None => profile.known_from.to_owned(),
        Some(policy) => format!("{}; the policy: {}", profile.known_from, policy.known_from),
    };
    [
        ("mechanism", Some(profile.mechanism.to_owned())),
        ("policy", policy.map(|policy| policy.name.to_owned())),
        ("layer", Some(profile.layer.to_string())),
        ("chooser", Some(profile.chooser.to_owned())),
        ("sticky", profile.sticky.map(str::to_owned)),
        ("needs", profile.needs.map(str::to_owned)),
        ("known from", Some(known_from)),
    ]
}

/// How the names of facts read, and what an absent one comes to.
fn words(name: &'static str) -> (&'static str, &'static str) {
    match name {
        "policy" => ("policy", "none of ours"),
        "chooser" => ("who chooses", ""),
        "sticky" => ("sticky by", "nothing"),
        "needs" => ("needs", "nothing special"),
        other => (other, ""),
    }
}

/// A paragraph for each strategy.
pub(super) fn text(strategies: &[Listed]) -> String {
    let paragraphs = strategies.iter().map(|Listed { strategy, unmet }| {
        let mut lines = format!("{}\n  {}\n", strategy.key(), strategy.profile().summary);
        for (name, value) in facts(*strategy) {
            let (name, absent) = words(name);
            let value = value.as_deref().unwrap_or(absent);
            lines += &format!("  {name:<11}  {value}\n");
        }
        if let Some(unmet) = unmet {
            lines += &format!("  {:<11}  {unmet}\n", "not here");
        }
        lines
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// The same as fields of an object.
pub(super) fn json(strategy: &dyn Strategy) -> Map<String, Value> {
    let facts = facts(strategy).into_iter();
    let mut fields: Map<String, Value> = facts
        .map(|(name, value)| (name.replace(' ', "_"), json!(value)))
        .collect();
    let layer = strategy.profile().layer.number();
    fields.insert("layer".to_owned(), json!(layer));
    fields.insert(
        "counterparts".to_owned(),
        json!(strategy.profile().counterparts),
    );
    fields
}
