//! Numbers that users write, on the command line and in files: finite, and in their range.

use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

/// The numbers that something can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// What such a number is, as the beginning of a sentence: `a rate is a number of requests per
    /// second`.
    what: &'static str,
    least: f64,
    most: f64,
    /// Whether the least number is one of them.
    with_least: bool,
}

/// A number that is not allowed.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{what} {from} {least} up to {most}", what = .0.what, least = .0.least, most = .0.most,
    from = if .0.with_least { "from" } else { "above" })]
pub struct InvalidNumber(Numbers);

impl Numbers {
    /// Numbers above `least`, up to `most`.
    pub const fn above(least: f64, most: f64, what: &'static str) -> Self {
        Self {
            what,
            least,
            most,
            with_least: false,
        }
    }

    /// Numbers from `least` up to `most`.
    pub const fn between(least: f64, most: f64, what: &'static str) -> Self {
        Self {
            what,
            least,
            most,
            with_least: true,
        }
    }

    /// Parses a decimal number, such as `3`, `0.5` or `1e6`.
    ///
    /// # Errors
    /// [`InvalidNumber`] for any other text, and for a number that is not one of these.
    pub fn parse(self, text: &str) -> Result<f64, InvalidNumber> {
        let number = text.parse().map_err(|_| InvalidNumber(self))?;
        self.check(number)
    }

    /// Returns the number if it is one of these. Infinity and NaN never are.
    ///
    /// # Errors
    /// [`InvalidNumber`] if not.
    pub fn check(self, number: f64) -> Result<f64, InvalidNumber> {
        let above = match self.with_least {
            true => number >= self.least,
            false => number > self.least,
        };
        let is_allowed = number.is_finite() && above && number <= self.most;
        is_allowed.then_some(number).ok_or(InvalidNumber(self))
    }

    /// Deserializes one of these.
    ///
    /// # Errors
    /// [`InvalidNumber`], as the deserializer's own error.
    pub fn deserialize<'de, D: Deserializer<'de>>(self, from: D) -> Result<f64, D::Error> {
        self.check(f64::deserialize(from)?)
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATES: Numbers = Numbers::above(0.0, 100.0, "a rate is a number");

    #[test]
    fn a_number_is_finite_and_in_its_range() {
        for (text, number) in [("3", 3.0), ("0.5", 0.5), ("1e2", 100.0), ("1e-3", 0.001)] {
            assert_eq!(RATES.parse(text), Ok(number), "{text}");
        }
        for text in [
            "", "x", "nan", "inf", "-inf", "0", "-0", "-1", "100.1", "1e400", "1 000", "1,5",
        ] {
            assert!(RATES.parse(text).is_err(), "{text}");
        }
        let shares = Numbers::between(0.0, 1.0, "a share is a number");
        assert_eq!((shares.parse("0"), shares.parse("1")), (Ok(0.0), Ok(1.0)));
    }

    #[test]
    fn an_error_names_the_range() {
        let error = RATES.parse("nan").expect_err("no number");
        assert_eq!(error.to_string(), "a rate is a number above 0 up to 100");
    }

    proptest! {
        #[test]
        fn no_number_outside_the_range_is_read(text in "[-+.0-9e]{1,12}|nan|NaN|inf|-infinity|.*") {
            let number = RATES.parse(&text);
            prop_assert!(number.is_err() || number.is_ok_and(|number| number > 0.0 && number <= 100.0));
        }
    }
}
