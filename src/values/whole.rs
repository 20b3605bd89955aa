//! Whole numbers in their bounds.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// Letters after a number on the command line, as in `10k`, and what they stand for.
const UNITS: [(char, u64); 3] = [('k', 1_000), ('K', 1_000), ('M', 1_000_000)];

/// A whole number from `LEAST` to `MOST`, on the command line and in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole<const LEAST: u64, const MOST: u64>(u64);

/// A text that is not such a number.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("write a whole number from {least} to {most}")]
pub(crate) struct NotInBounds {
    least: u64,
    most: u64,
}

impl<const LEAST: u64, const MOST: u64> Whole<LEAST, MOST> {
    const NOT_IN_BOUNDS: NotInBounds = NotInBounds {
        least: LEAST,
        most: MOST,
    };

    /// A number of the program itself, such as a default.
    pub(crate) const fn of(number: u64) -> Self {
        assert!(LEAST <= number && number <= MOST);
        Self(number)
    }

    fn new(number: u64) -> Result<Self, NotInBounds> {
        let is_in_bounds = (LEAST..=MOST).contains(&number);
        is_in_bounds
            .then_some(Self(number))
            .ok_or(Self::NOT_IN_BOUNDS)
    }

    pub(crate) fn u64(self) -> u64 {
        self.0
    }

    pub(crate) fn u32(self) -> u32 {
        const { assert!(MOST <= u32::MAX as u64) };
        self.0 as u32
    }

    pub(crate) fn usize(self) -> usize {
        const { assert!(MOST <= usize::MAX as u64) };
        self.0 as usize
    }

    pub(crate) fn nonzero_u32(self) -> NonZeroU32 {
        const { assert!(LEAST > 0) };
        NonZeroU32::new(self.u32()).expect("the least number is above zero")
    }

    pub(crate) fn nonzero_u64(self) -> NonZeroU64 {
        const { assert!(LEAST > 0) };
        NonZeroU64::new(self.0).expect("the least number is above zero")
    }

    /// For `#[serde(deserialize_with)]` on a plain number.
    pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        Self::deserialize(from).map(Self::u32)
    }

    /// For `#[serde(deserialize_with)]` on an optional plain number.
    pub(crate) fn read_some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
        Self::read(from).map(Some)
    }
}

impl<const LEAST: u64, const MOST: u64> FromStr for Whole<LEAST, MOST> {
    type Err = NotInBounds;

    fn from_str(text: &str) -> Result<Self, NotInBounds> {
        let unit = UNITS.into_iter().find_map(|(letter, times)| {
            let digits = text.strip_suffix(letter)?;
            Some((digits, times))
        });
        let (digits, times) = unit.unwrap_or((text, 1));
        // What is too long for a number is not in bounds, either.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse::<u64>().ok().filter(|_| is_number);
        let number = number.and_then(|number| number.checked_mul(times));
        number.ok_or(Self::NOT_IN_BOUNDS).and_then(Self::new)
    }
}

impl<const LEAST: u64, const MOST: u64> Display for Whole<LEAST, MOST> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const LEAST: u64, const MOST: u64> JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(InBounds)
    }
}

/// Reads a number as wide as the file has it, so that an error names these bounds and not those of a type.
struct InBounds<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> Visitor<'_> for InBounds<LEAST, MOST> {
    type Value = Whole<LEAST, MOST>;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {LEAST} to {MOST}")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        let unsigned = u64::try_from(number).ok();
        let in_bounds = unsigned.and_then(|number| Whole::new(number).ok());
        in_bounds.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let in_bounds = Whole::new(number);
        in_bounds.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use evenkeel_common::toml_file;
    use proptest::prelude::*;

    use super::*;

    type Workers = Whole<1, 1024>;

    #[derive(Debug, Deserialize)]
    struct Example {
        workers: Workers,
    }

    fn in_file(value: &str) -> Result<u64, String> {
        let text = format!("workers = {value}");
        let read: Result<Example, _> = toml_file::parse(&text, Path::new("it.toml"));
        read.map(|example| example.workers.u64())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_is_whole_and_in_its_bounds() {
        for (text, number) in [("1", 1), ("7", 7), ("1024", 1024)] {
            assert_eq!(text.parse::<Workers>().map(Workers::u64), Ok(number));
            assert_eq!(in_file(text), Ok(number));
        }
    }

    #[test]
    fn an_error_names_the_bounds_and_not_those_of_a_type() {
        for text in [
            "0",
            "1025",
            "4294967296",
            "-1",
            "1.5",
            "1e3",
            "99999999999999999999",
        ] {
            let error = text.parse::<Workers>().expect_err(text).to_string();
            assert_eq!(error, "write a whole number from 1 to 1024");
            let error = in_file(text).expect_err(text);
            assert!(error.starts_with("it.toml:1:11: "), "{error}");
            let is_number = text.len() < 20;
            assert!(!is_number || error.contains("from 1 to 1024"), "{error}");
        }
        for text in ["", "+1", " 1", "x"] {
            assert!(text.parse::<Workers>().is_err(), "{text}");
        }
    }

    #[test]
    fn on_the_command_line_a_number_may_be_in_thousands_or_millions() {
        type Requests = Whole<1, 5_000_000>;
        for (text, number) in [("1k", 1_000), ("10K", 10_000), ("5M", 5_000_000)] {
            assert_eq!(text.parse::<Requests>().map(Requests::u64), Ok(number));
        }
        for text in ["k", "6M", "1m", "1.5k", "1kk", "99999999999999999999k"] {
            assert!(text.parse::<Requests>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn only_numbers_in_bounds_are_read(number in any::<i64>()) {
            let is_in_bounds = (1..=1024).contains(&number);
            prop_assert_eq!(number.to_string().parse::<Workers>().is_ok(), is_in_bounds);
            prop_assert_eq!(in_file(&number.to_string()).is_ok(), is_in_bounds);
        }
    }
}
