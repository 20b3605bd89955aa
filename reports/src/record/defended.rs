//! What the defences of a fleet did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::count;

/// What the defences of a fleet did in the measured time. A defence that is off did nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Defended {
    /// Requests that arrived at dispatchers.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Tries after one of a request that failed.
    #[serde(deserialize_with = "count::one")]
    pub retries: u64,
    /// Retries and second tries that their budget did not allow.
    #[serde(deserialize_with = "count::one")]
    pub over_budget: u64,
    /// Tries that took longer than they may.
    #[serde(deserialize_with = "count::one")]
    pub try_timeouts: u64,
    /// Second tries beside the first one of a request.
    #[serde(deserialize_with = "count::one")]
    pub hedges: u64,
    /// Second tries that answered first.
    #[serde(deserialize_with = "count::one")]
    pub hedges_won: u64,
    /// Ejections of workers, each counted by the dispatcher that no longer picked it.
    #[serde(deserialize_with = "count::one")]
    pub ejections: u64,
    /// Connections that were given to ill workers, that these had not taken in, and that others got.
    #[serde(deserialize_with = "count::one")]
    pub rescued: u64,
}

impl Defended {
    /// Returns the sums of both.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            retries: self.retries + other.retries,
            over_budget: self.over_budget + other.over_budget,
            try_timeouts: self.try_timeouts + other.try_timeouts,
            hedges: self.hedges + other.hedges,
            hedges_won: self.hedges_won + other.hedges_won,
            ejections: self.ejections + other.ejections,
            rescued: self.rescued + other.rescued,
        }
    }

    /// Returns the tries beyond one per request, as a share of the requests: the load that defences add. `None`
    /// without requests.
    pub fn extra_load(&self) -> Option<f64> {
        let extra = self.retries + self.hedges;
        (self.requests > 0).then(|| extra as f64 / self.requests as f64)
    }
}
