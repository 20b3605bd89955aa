//! Shares as people write them: `3%`, `0.5%`.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use evenkeel_common::number::Numbers;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// A share of something: 0.03 for `3%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Share(pub(crate) f64);

impl Share {
    /// Returns it as a share of connections, to a tenth of a percent; `None` if it is less.
    pub(crate) fn of_connections(self) -> Option<evenkeel_strategies::Share> {
        evenkeel_strategies::Share::new(self.0)
    }
}

const PERCENT: Numbers = Numbers::between(0.0, 100.0, "a percentage is a number");

/// A text that is not a share.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a share; write a number from 0 to 100 and a percent sign, such as 3% or 0.5%"
)]
pub(crate) struct InvalidShare(String);

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let percent = text
            .strip_suffix('%')
            .and_then(|number| PERCENT.parse(number.trim_end()).ok());
        percent
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| InvalidShare(text.to_owned()))
    }
}

deserialize_from_text!(Share, "3%");

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Digits beyond a millionth of a percent are rounding errors of floating point.
        write!(f, "{}%", (self.0 * 1e8).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_is_a_number_with_a_percent_sign() {
        for (text, share) in [("3%", 0.03), ("0.5 %", 0.005), ("100%", 1.0), ("0%", 0.0)] {
            assert_eq!(text.parse(), Ok(Share(share)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "%", "3", "-1%", "101%", "NaN%", "inf%", "3%%", "three%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_shown_share_parses_to_the_same_share(thousandths in 0u32..=100_000) {
            let share: Share = format!("{}%", f64::from(thousandths) / 1e3).parse()?;
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }

        #[test]
        fn no_text_causes_a_panic(text in ".*") {
            let _ = text.parse::<Share>();
        }
    }
}
