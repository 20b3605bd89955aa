//! What became of every request.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::count;

/// What became of every request of the measured time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Requests, counted as they began and not as they ended. In a closed loop also those that were in
    /// flight when the measured time began; in an open loop also those that were never sent.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Requests by class: `answered` with an expected status, `unfinished` at the end of the measured
    /// time, and the classes of `errors`. Each is in one class, so they add up to `requests`.
    #[serde(deserialize_with = "count::each")]
    pub classes: BTreeMap<String, u64>,
    /// Requests that were sent again on a new connection, by the class in which they would have ended
    /// otherwise; empty if there were none.
    #[serde(
        default,
        deserialize_with = "count::each",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub repeated: BTreeMap<String, u64>,
    /// Those of them that were answered at last.
    #[serde(
        default,
        deserialize_with = "count::one",
        skip_serializing_if = "is_zero"
    )]
    pub repeated_answered: u64,
    /// The first requests that were not answered as expected, in the order of their times, at most 1,000.
    /// Requests that were never sent or are unfinished are not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Number of those after them.
    #[serde(
        default,
        deserialize_with = "count::one",
        skip_serializing_if = "is_zero"
    )]
    pub losses_left_out: u64,
}

/// A request that was not answered as expected, as its client saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// When it ended like that, seconds since the measured time began.
    pub at_s: f64,
    /// When it was sent, or its connection began to connect for it, seconds since the measured time
    /// began; negative if that was before.
    pub sent_s: f64,
    /// What became of it.
    pub class: String,
    /// The worker that gave the last answer on its connection; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u32>,
    /// Whether its connection was open before, idle or with other requests.
    pub kept: bool,
}

/// The class of requests that were answered with an expected status.
pub const ANSWERED: &str = "answered";

/// The class of requests that had no answer when the measured time was over.
pub const UNFINISHED: &str = "unfinished";

impl Account {
    /// Number of requests of a class.
    pub fn of(&self, class: &str) -> u64 {
        self.classes.get(class).copied().unwrap_or(0)
    }

    /// Whether each request is in one class.
    pub fn adds_up(&self) -> bool {
        self.requests == self.classes.values().sum::<u64>()
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
