//! Counts in a record: small enough that those of a whole record can be added.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Highest count: a trillion. The largest record that is read has fewer than 2^24 of them, so their sum
/// fits.
const MOST: u64 = 1 << 40;

/// For `#[serde(deserialize_with)]` on a count.
pub(super) fn one<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let count = u64::deserialize(from)?;
    match count {
        ..=MOST => Ok(count),
        _ => Err(D::Error::custom(format!("a count of {count} is too high"))),
    }
}

/// For an optional count.
pub(super) fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let count = Option::<Count>::deserialize(from)?;
    Ok(count.map(|count| count.0))
}

/// For counts by name.
pub(super) fn each<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, u64>, D::Error> {
    let counts = BTreeMap::<String, Count>::deserialize(from)?;
    Ok(counts
        .into_iter()
        .map(|(name, count)| (name, count.0))
        .collect())
}

#[derive(Deserialize)]
struct Count(#[serde(deserialize_with = "one")] u64);
