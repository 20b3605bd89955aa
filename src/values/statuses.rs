//! Statuses as people write them: `200,404`, `200-299`, `2xx`.

use std::ops::RangeInclusive;
use std::str::FromStr;

use evenkeel_loadgen::StatusSet;
use thiserror::Error;

/// A set of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statuses(pub(crate) StatusSet);

/// A text that is not a set of statuses.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a list of statuses; write statuses from 100 to 599, ranges and classes, such as \
     200,404 or 2xx,301-303"
)]
pub(crate) struct InvalidStatuses(String);

impl FromStr for Statuses {
    type Err = InvalidStatuses;

    fn from_str(text: &str) -> Result<Self, InvalidStatuses> {
        let ranges = text.split(',').map(|part| range(part.trim()));
        let ranges: Option<Vec<_>> = ranges.collect();
        let ranges = ranges.ok_or_else(|| InvalidStatuses(text.to_owned()))?;
        Ok(Self(StatusSet::of(ranges)))
    }
}

/// Parses one part of a list.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    if let Some(class) = text.strip_suffix("xx").or(text.strip_suffix("XX")) {
        let first = status(&format!("{class}00"))?;
        return Some(first..=first + 99);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (status(first)?, status(last)?);
    (first <= last).then_some(first..=last)
}

fn status(text: &str) -> Option<u16> {
    let status = text.parse().ok().filter(|_| !text.starts_with('+'))?;
    (100..600).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_has_statuses_ranges_and_classes() {
        let Statuses(set) = "200, 301-303,4xx".parse().expect("a list");
        for (status, is_in) in [
            (200, true),
            (201, false),
            (300, false),
            (301, true),
            (303, true),
            (304, false),
            (399, false),
            (400, true),
            (499, true),
            (500, false),
        ] {
            assert_eq!(set.contains(status), is_in, "{status}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", "ok", "200,", "99", "600", "2x", "xx", "303-301", "+200", "200-", "6xx",
        ] {
            assert!(text.parse::<Statuses>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(text in "[0-9x,-]{0,12}|.*") {
            let _ = text.parse::<Statuses>();
        }
    }
}
