//! Durations as people write them: `700ms`, `1.5s`, `2m`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::number::Numbers;

/// Units and their length in seconds.
const UNITS: [(&str, f64); 5] = [
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// A longer duration is a typing error: no measurement takes a year.
pub const LONGEST_S: f64 = 365.0 * 24.0 * 3600.0;

const SECONDS: Numbers = Numbers::between(0.0, LONGEST_S, "a duration is a number of seconds");

/// Any number of a unit; a year has 3e13 of the shortest one.
const NUMBERS: Numbers = Numbers::between(0.0, 1e14, "a duration is a number of units");

/// A text that is not a duration.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a duration; write a number and a unit, such as 700ms, 1.5s or 2m")]
pub struct InvalidDuration(String);

/// Parses a number with its unit (`us`, `ms`, `s`, `m`, `h`).
///
/// # Errors
/// [`InvalidDuration`] if the text is anything else, negative, or longer than a year.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let wrong = || InvalidDuration(text.to_owned());
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let number = NUMBERS.parse(number).map_err(|_| wrong())?;
    let (_, length_s) = UNITS
        .iter()
        .find(|(name, _)| *name == unit.trim())
        .ok_or_else(wrong)?;
    let seconds = SECONDS.check(number * length_s).map_err(|_| wrong())?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Parses a duration on the command line, where a number without a unit is one of seconds, as in other load
/// generators.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_option(text: &str) -> Result<Duration, InvalidDuration> {
    let is_number = text.ends_with(|last: char| last.is_ascii_digit());
    match is_number {
        true => parse(&format!("{text}s")).map_err(|_| InvalidDuration(text.to_owned())),
        false => parse(text),
    }
}

/// Writes a duration in the largest unit in which it is at least one, such as `700ms`.
pub fn show(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let (unit, length_s) = match seconds {
        s if s >= 60.0 && s % 60.0 == 0.0 => ("m", 60.0),
        s if s >= 1.0 || s == 0.0 => ("s", 1.0),
        s if s >= 1e-3 => ("ms", 1e-3),
        _ => ("us", 1e-6),
    };
    // Digits beyond a millionth of the unit are rounding errors of floating point.
    let number = (seconds / length_s * 1e6).round() / 1e6;
    format!("{number}{unit}")
}

/// Writes a time to wait for people: `45 s`, `3 min 20 s`.
pub fn show_wait(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// For `#[serde(deserialize_with)]` on an optional duration.
///
/// # Errors
/// [`InvalidDuration`], as the deserializer's own error.
pub fn deserialize_some<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map(Some).map_err(serde::de::Error::custom)
}

/// For `#[serde(serialize_with)]` on an optional duration, as people write it.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_some<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(show).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, micros) in [
            ("250us", 250),
            ("700ms", 700_000),
            ("1s", 1_000_000),
            ("1.5s", 1_500_000),
            ("1.5 s", 1_500_000),
            ("2m", 120_000_000),
            ("1h", 3_600_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_micros(micros)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "1",
            "s",
            "-1s",
            "NaNs",
            "infs",
            "1e400s",
            "1 fortnight",
            "1.2.3s",
            "9999999h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn on_the_command_line_a_number_is_one_of_seconds() {
        for (text, seconds) in [("5", 5.0), ("0.5", 0.5), ("5s", 5.0), ("2m", 120.0)] {
            assert_eq!(parse_option(text), Ok(Duration::from_secs_f64(seconds)));
        }
        for text in ["", "-5", "soon", "1e3"] {
            let error = parse_option(text).expect_err(text).to_string();
            assert!(error.starts_with(&format!("`{text}` is not")), "{error}");
        }
    }

    #[test]
    fn a_wait_is_shown_in_minutes_and_seconds() {
        assert_eq!(show_wait(Duration::from_millis(44_200)), "45 s");
        assert_eq!(show_wait(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(show_wait(Duration::from_secs(120)), "2 min");
    }

    proptest! {
        #[test]
        fn a_shown_duration_parses_to_the_same_duration(millis in 0u64..10_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse(&show(duration)), Ok(duration));
        }

        #[test]
        fn no_text_causes_a_panic(text in ".*") {
            let _ = parse(&text);
        }
    }
}
