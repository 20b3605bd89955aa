//! Whom an event is about.

use std::fmt::{self, Display, Formatter};
use std::num::NonZeroUsize;

use evenkeel_common::units::plural;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::values::{Processes, Share};

/// `workers` of an event: how many there are to be, or the numbers of those that a fault hits.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Workers {
    Number(#[schemars(with = "Processes")] u32),
    List(Vec<u32>),
}

impl Workers {
    /// Returns how many workers there are to be.
    pub(super) fn number(&self) -> Option<NonZeroUsize> {
        match self {
            Self::Number(number) => NonZeroUsize::new(*number as usize),
            Self::List(_) => None,
        }
    }

    /// Returns the numbers of workers.
    pub(super) fn list(&self) -> Option<&[u32]> {
        match self {
            Self::Number(_) => None,
            Self::List(numbers) => Some(numbers),
        }
    }
}

/// By hand, since an untagged enum would not say what is wrong with a number.
impl<'de> Deserialize<'de> for Workers {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(from)?;
        let read = match value {
            toml::Value::Array(_) => Vec::deserialize(value).map(Self::List),
            value => Processes::read(value).map(Self::Number),
        };
        read.map_err(|error| serde::de::Error::custom(error.message()))
    }
}

/// Whom a fault hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) enum Target<'a> {
    /// Workers with these numbers.
    Workers(&'a [u32]),
    /// This share of the workers, drawn.
    Share(Share),
    /// This number of workers, drawn.
    Count(u32),
    /// Dispatchers with these numbers.
    Dispatchers(&'a [u32]),
}

impl Display for Target<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let numbered = |f: &mut Formatter<'_>, what: &str, numbers: &[u32]| {
            let s = if numbers.len() == 1 { "" } else { "s" };
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            write!(f, "{what}{s} {}", numbers.join(", "))
        };
        match self {
            Self::Workers(numbers) => numbered(f, "worker", numbers),
            Self::Dispatchers(numbers) => numbered(f, "dispatcher", numbers),
            Self::Share(share) => write!(f, "{share} of the workers"),
            Self::Count(count) => write!(f, "{} of all", plural(*count as usize, "worker")),
        }
    }
}
