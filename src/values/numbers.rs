//! Ranges of numbers that are written in several places.

use evenkeel_common::number::Numbers;
use evenkeel_loadgen::MAX_RATE_RPS;
use serde::Deserializer;

/// Rates at which requests can be offered.
pub(crate) const RATES: Numbers = Numbers::above(
    0.0,
    MAX_RATE_RPS,
    "a rate is a number of requests per second",
);

/// For `#[serde(deserialize_with)]` on an optional rate.
pub(crate) fn some_rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    RATES.deserialize(from).map(Some)
}
