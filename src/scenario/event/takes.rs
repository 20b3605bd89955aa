//! How long the work of a slow worker takes, as people write it: `2s`, `exp:2s`.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use evenkeel_common::duration::{self, show};
use evenkeel_strategies::Slowness;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// A new time of work, whatever it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Takes {
    Fixed(Duration),
    /// With this mean.
    Exponential(Duration),
}

/// Longest time: the longest work that a request can ask for.
const LONGEST: Duration = Duration::from_secs(60);

/// A text that is no time of work.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a time of work; write a time up to 60s, such as 2s, or exp:2s for an exponential distribution with \
     this mean"
)]
pub(super) struct InvalidTakes(String);

impl FromStr for Takes {
    type Err = InvalidTakes;

    fn from_str(text: &str) -> Result<Self, InvalidTakes> {
        let mean = text.strip_prefix("exp:");
        let time = duration::parse(mean.unwrap_or(text)).ok();
        let time = time.filter(|time| !time.is_zero() && *time <= LONGEST);
        let time = time.ok_or_else(|| InvalidTakes(text.to_owned()))?;
        Ok(match mean {
            Some(_) => Self::Exponential(time),
            None => Self::Fixed(time),
        })
    }
}

crate::values::deserialize_from_text!(Takes, "2s");

impl Serialize for Takes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Display for Takes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(time) => f.write_str(&show(*time)),
            Self::Exponential(mean) => write!(f, "exp:{}", show(*mean)),
        }
    }
}

impl From<Takes> for Slowness {
    fn from(takes: Takes) -> Self {
        match takes {
            Takes::Fixed(time) => Self::Fixed(time),
            Takes::Exponential(mean) => Self::Exponential(mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_work_is_shown_as_written() {
        for text in ["2s", "1.5ms", "exp:20ms", "60s"] {
            let takes: Takes = text.parse().expect(text);
            assert_eq!(takes.to_string().parse(), Ok(takes), "{text}");
        }
        for text in ["", "2", "exp:", "0s", "61s", "pareto:2s"] {
            assert!(text.parse::<Takes>().is_err(), "{text}");
        }
    }
}
