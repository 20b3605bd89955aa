//! Details of each strategy.

use evenkeel_strategies::Strategy;
use serde_json::{Map, Value, json};

use super::Listed;
use crate::terminal::wrap;

/// Everything except key and summary, by name; `None` if it does not apply.
type Facts = [(&'static str, Option<String>); 8];

/// Returns the facts about a strategy in the order in which they are shown.
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
        ("retirement", profile.retirement.map(|how| how.to_string())),
        ("needs", profile.needs.map(str::to_owned)),
        ("known from", Some(known_from)),
    ]
}

/// Returns the label of a fact, and the text for `None`.
fn words(name: &'static str) -> (&'static str, &'static str) {
    match name {
        "policy" => ("policy", "none"),
        "chooser" => ("who chooses", ""),
        "sticky" => ("sticky by", "nothing"),
        "retirement" => ("retirement", "only with the whole fleet"),
        "needs" => ("needs", "nothing special"),
        other => (other, ""),
    }
}

/// Returns a paragraph for each strategy.
pub(super) fn text(strategies: &[Listed], width: usize) -> String {
    let paragraphs = strategies.iter().map(|Listed { strategy, unmet }| {
        let mut lines = format!("{}\n", strategy.key());
        lines += &wrap("  ", 2, strategy.profile().summary, width);
        let fact = |name: &str, text: &str| wrap(&format!("  {name:<11}  "), 15, text, width);
        for (name, value) in facts(*strategy) {
            let (name, absent) = words(name);
            let value = value.as_deref().unwrap_or(absent);
            lines += &fact(name, value);
        }
        if let Some(unmet) = unmet {
            lines += &fact("not here", unmet);
        }
        lines
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// Returns the same as fields of a JSON object.
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
