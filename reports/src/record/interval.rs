//! A trial's course: its measured time in slices.

use serde::{Deserialize, Serialize};

/// One slice of the measured time. The slices of a trial follow each other without a gap, and
/// none is shorter than the others but for the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// When the slice begins, seconds since the measured time began.
    pub at_s: f64,
    /// How long it lasts, seconds.
    pub duration_s: f64,
    /// Requests answered with success. They belong to the slice in which they were answered;
    /// those of an open loop that came after the measured time to the last one.
    pub requests: u64,
    /// Requests that failed.
    #[serde(default)]
    pub errors: u64,
    /// Median response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_us: Option<f64>,
    /// 99th percentile of response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<f64>,
    /// Longest response time, microseconds; absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_us: Option<f64>,
    /// Response times as an HdrHistogram (V2 encoding, base64), in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// What the host did meanwhile; absent where its counters were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostShares>,
}

/// What became of the CPUs of a study while a slice lasted, from the host's own counters
/// (`/proc/stat`) less the CPU time of the study's own processes. Shares of all CPU time that
/// the CPUs had, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostShares {
    /// Taken by the hypervisor for others while a task here was ready to run (steal time).
    pub steal: f64,
    /// Spent on processes that are not of the study.
    pub others: f64,
}
