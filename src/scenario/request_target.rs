//! Targets of requests to a program of the user, as people write them.

use std::fmt::{self, Display};
use std::str::FromStr;

use evenkeel_common::number::Numbers;
use evenkeel_loadgen::TargetPart;
use serde::Serialize;
use thiserror::Error;

/// A target of any server: `[WEIGHT] [METHOD] /PATH [BODY]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub(crate) struct RequestTarget {
    /// As the load generator takes it. The default weight is 1; the default method and body are those of all
    /// requests.
    pub(crate) part: TargetPart,
    /// As written.
    text: String,
}

/// A text that is not a target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "write '[WEIGHT] [METHOD] /PATH [BODY]', such as '/', '3 /a', 'POST /b hello' or '1 PUT /c {{}}'"
)]
pub(crate) struct InvalidRequestTarget;

/// Weights of targets, relative to each other.
const WEIGHTS: Numbers = Numbers::between(0.0, 1e9, "a weight is a number");

impl RequestTarget {
    /// The target that every server has.
    pub(crate) fn root() -> Self {
        "/".parse().expect("a path")
    }
}

impl FromStr for RequestTarget {
    type Err = InvalidRequestTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (weight, rest) = match next_word(text) {
            (word, rest) if word.starts_with(|first: char| first.is_ascii_digit()) => {
                let weight = WEIGHTS.parse(word).map_err(|_| InvalidRequestTarget)?;
                (weight, rest)
            }
            _ => (1.0, text),
        };
        let (method, rest) = match next_word(rest) {
            (word, _) if word.starts_with('/') => (None, rest),
            (word, rest) => (Some(word.to_owned()), rest),
        };
        let (target, body) = next_word(rest);
        if !target.starts_with('/') {
            return Err(InvalidRequestTarget);
        }
        Ok(Self {
            part: TargetPart {
                weight,
                method,
                target: target.to_owned(),
                body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
            },
            text: text.trim().to_owned(),
        })
    }
}

impl Display for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

deserialize_from_text!(RequestTarget, "3 POST /orders {}");

impl From<RequestTarget> for String {
    fn from(target: RequestTarget) -> Self {
        target.text
    }
}

/// Returns the targets as the load generator takes them.
pub(crate) fn parts(targets: &[RequestTarget]) -> Vec<TargetPart> {
    let parts = targets.iter().map(|target| target.part.clone());
    parts.collect()
}

/// Splits off the first word and the space after it.
fn next_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(' ').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_method_and_body_may_be_left_out() {
        for (text, weight, method, target, body) in [
            ("/", 1.0, None, "/", None),
            ("0.5 /a?b=c", 0.5, None, "/a?b=c", None),
            ("HEAD /", 1.0, Some("HEAD"), "/", None),
            (
                " 3  POST  /b  two  words ",
                3.0,
                Some("POST"),
                "/b",
                Some(" two  words "),
            ),
        ] {
            let read: RequestTarget = text.parse().expect(text);
            let part = read.part;
            assert_eq!(
                (part.weight, part.method.as_deref()),
                (weight, method),
                "{text}"
            );
            assert_eq!(part.target, target);
            assert_eq!(part.body.as_deref(), body.map(str::as_bytes));
        }
    }

    #[test]
    fn a_target_needs_a_path() {
        for text in [
            "", "3", "GET", "3 GET", "3x /", "1e400 /", "GET path", "1 2 /",
        ] {
            let read = text.parse::<RequestTarget>();
            let refused = read.is_err()
                || read
                    .as_ref()
                    .is_ok_and(|read| read.part.method == Some("2".into()));
            assert!(refused, "{text}: {read:?}");
        }
    }
}
