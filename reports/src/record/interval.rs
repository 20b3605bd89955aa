//! Figures per interval of the measured time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::count;

/// Figures of one interval of the measured time. The intervals of a trial follow each other without
/// a gap, and only the last may be shorter than the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalRecord {
    /// When it begins, seconds since the measured time began.
    pub at_s: f64,
    /// How long it lasts, seconds.
    pub duration_s: f64,
    /// Requests answered with success. An answer counts in the interval in which it came; answers of
    /// an open loop after the measured time count in the last one.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Requests that failed.
    #[serde(default, deserialize_with = "count::one")]
    pub errors: u64,
    /// Requests that each worker answered, by its own count, in the order of the workers' numbers. Only in trials
    /// with changes of the fleet, where our workers serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_worker: Vec<u64>,
    /// Median response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_us: Option<f64>,
    /// 99th percentile of response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<f64>,
    /// Longest response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_us: Option<f64>,
    /// Of a stall, how long the request that waited longest had waited at its end, microseconds. A
    /// stall is an interval without an answer, during all of which a request waited for one. Absent if
    /// it was none, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled_us: Option<f64>,
    /// Response times as an HdrHistogram (V2 encoding, base64), in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// What else the host did; absent if its counters were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostShares>,
}

/// Shares of the CPU time of an interval that the study did not get, from 0 to 1: the host's
/// counters (`/proc/stat`) less the CPU time of the study's own processes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostShares {
    /// Taken by the hypervisor for others while a task here was ready to run (steal time).
    pub steal: f64,
    /// Spent on processes that are not of the study.
    pub others: f64,
}
