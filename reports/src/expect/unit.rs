//! Numbers with their units.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::units;

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Time,
    /// Per second.
    Rate,
    /// A share of one.
    Share,
    /// Without a unit.
    Number,
}

/// A number as it is written in a predicate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// The number before its unit.
    pub(super) amount: f64,
    /// Its unit.
    pub(super) suffix: &'static Suffix,
}

/// A unit that can be written after a number.
#[derive(Debug, PartialEq)]
pub(super) struct Suffix {
    /// How it is written; empty for a number alone.
    pub(super) name: &'static str,
    /// How many of the unit of figures it is.
    pub(super) factor: f64,
    /// What such a number is compared with.
    pub(super) unit: Unit,
}

/// A number alone.
pub(super) static PLAIN: Suffix = Suffix::of("", 1.0, Unit::Number);

/// The others. Of those that a text begins with, the first is meant.
pub(super) static SUFFIXES: [Suffix; 6] = [
    Suffix::of("%", 0.01, Unit::Number),
    Suffix::of("us", 1e-6, Unit::Time),
    Suffix::of("µs", 1e-6, Unit::Time),
    Suffix::of("ms", 1e-3, Unit::Time),
    Suffix::of("s", 1.0, Unit::Time),
    Suffix::of("/s", 1.0, Unit::Rate),
];

const US_PER_S: f64 = 1e6;

impl Suffix {
    const fn of(name: &'static str, factor: f64, unit: Unit) -> Suffix {
        Suffix { name, factor, unit }
    }
}

impl Number {
    /// Returns the number in the unit of figures: seconds, per second, or a share of one.
    pub(super) fn value(self) -> f64 {
        self.amount * self.suffix.factor
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.suffix.name)
    }
}

impl Unit {
    /// Returns the power of time in it.
    pub(super) fn power_of_time(self) -> i32 {
        match self {
            Unit::Time => 1,
            Unit::Rate => -1,
            Unit::Share | Unit::Number => 0,
        }
    }

    /// Returns a figure for people.
    pub(super) fn show(self, figure: f64) -> String {
        let minus = if figure < 0.0 { "−" } else { "" };
        let size = figure.abs();
        let shown = match self {
            Unit::Time => units::duration(size * US_PER_S),
            Unit::Rate => format!("{}/s", units::count(size)),
            Unit::Share => format!("{:.2}%", size * 100.0),
            Unit::Number => units::count(size),
        };
        minus.to_owned() + &shown
    }
}
