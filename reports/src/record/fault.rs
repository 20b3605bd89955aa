//! Faults of a trial, and what became of its requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::count;

/// A fault that the scenario requested: some processes of the fleet were ill for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRecord {
    /// What, and of whom, such as `hang worker 3`.
    pub what: String,
    /// Numbers of the workers that it hit; empty if it hit dispatchers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workers: Vec<u32>,
    /// When it was due, seconds since the measured time began.
    pub due_s: f64,
    /// When it began.
    pub began_s: f64,
    /// When it was over; absent if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_s: Option<f64>,
    /// Why it did not come about; absent if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What became of the requests; absent in a closed loop, whose clients wait for the ill worker and send
    /// nothing meanwhile, and where requests are not predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<FaultRequests>,
}

/// What became of requests before, during and after a fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRequests {
    /// Those that were over before the first fault of the trial began.
    pub before: FaultPhase,
    /// Those that were due before the fault was over, and not over before it began.
    pub during: FaultPhase,
    /// Those that were due since it was over, until the next one began; absent if it never was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<FaultPhase>,
    /// Of those during the fault: answered by an ill worker, and later than any answer before.
    #[serde(deserialize_with = "count::one")]
    pub late: u64,
    /// Longest time, seconds, that a request of the fault waited for an answer that was late, or until it was
    /// lost; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_s: Option<f64>,
    /// From the beginning of the fault to when the last request was due that was lost or late; absent if
    /// none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverted_after_s: Option<f64>,
    /// From the end of the fault to when the last request was due that was lost, or answered later than any
    /// before; 0 if none was, and absent if the fault never was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_after_s: Option<f64>,
}

/// Requests of a part of a trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultPhase {
    /// All of them.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Those that were answered with an expected status.
    #[serde(deserialize_with = "count::one")]
    pub answered: u64,
    /// 99th percentile of the response times of workers that are not ill during the fault, microseconds; absent
    /// with fewer than 100 answers of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_of_others_us: Option<f64>,
}

impl FaultPhase {
    /// The share of answered requests; `None` if there were no requests.
    pub fn success(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.answered as f64 / self.requests as f64)
    }
}
