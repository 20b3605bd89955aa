//! Ranges of numbers that are written in several places.

use evenkeel_common::number::Numbers;
use evenkeel_loadgen::{MAX_CLIENT_ADDRESSES, MAX_CONNECTIONS, MAX_RATE_RPS};
use serde::Deserializer;

use super::Whole;

/// Numbers of connections.
pub(crate) type Connections = Whole<1, { MAX_CONNECTIONS as u64 }>;

/// Numbers of processes of a kind: a larger one is a typing error. The benches of the policies end there,
/// too.
pub(crate) type Processes = Whole<1, 1024>;

/// Numbers of client addresses.
pub(crate) type ClientAddresses = Whole<1, { MAX_CLIENT_ADDRESSES as u64 }>;

/// Seeds.
pub(crate) type Seed = Whole<0, { u64::MAX }>;

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
