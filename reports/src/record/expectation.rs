//! Claims about results that were written down before a study ran.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A claim about the results of a study, written down before it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Name for reports, unique in its study.
    pub name: String,
    /// The claim: a predicate such as `p99(reuseport) / p99(shared-listener) in skewed >= 3`. The
    /// documentation has its grammar (docs/expectations.md).
    pub that: String,
    /// Where the claim comes from, such as a citation with its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The published figure, which reports show next to the measured one: a text or a number.
    #[serde(
        default,
        deserialize_with = "text_of",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<TextOrNumber>")]
    pub published: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text or a number")]
enum TextOrNumber {
    Number(f64),
    Text(String),
}

fn text_of<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Option::deserialize(from)? {
        Some(TextOrNumber::Number(number)) => Some(number.to_string()),
        Some(TextOrNumber::Text(text)) => Some(text),
        None => None,
    })
}
