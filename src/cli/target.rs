//! Targets of load, as written on the command line.

use evenkeel_common::number::Numbers;
use evenkeel_loadgen::TargetPart;
use thiserror::Error;

/// A text that is not a target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "write '[WEIGHT] [METHOD] /PATH [BODY]', such as '/', '3 /a', 'POST /b hello' or '1 PUT /c {{}}'"
)]
pub(super) struct InvalidTarget;

/// Weights of targets, relative to each other.
const WEIGHTS: Numbers = Numbers::between(0.0, 1e9, "a weight is a number");

/// Parses `[WEIGHT] [METHOD] /PATH [BODY]`. The default weight is 1; the default method and body
/// are those of all requests.
pub(super) fn parse_target(text: &str) -> Result<TargetPart, InvalidTarget> {
    let (weight, rest) = match next_word(text) {
        (word, rest) if word.starts_with(|first: char| first.is_ascii_digit()) => {
            (WEIGHTS.parse(word).map_err(|_| InvalidTarget)?, rest)
        }
        _ => (1.0, text),
    };
    let (method, rest) = match next_word(rest) {
        (word, _) if word.starts_with('/') => (None, rest),
        (word, rest) => (Some(word.to_owned()), rest),
    };
    let (target, body) = next_word(rest);
    if !target.starts_with('/') {
        return Err(InvalidTarget);
    }
    Ok(TargetPart {
        weight,
        method,
        target: target.to_owned(),
        body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
    })
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
            let part = parse_target(text).expect(text);
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
            let read = parse_target(text);
            let refused = read.is_err()
                || read
                    .as_ref()
                    .is_ok_and(|part| part.method == Some("2".into()));
            assert!(refused, "{text}: {read:?}");
        }
    }
}
