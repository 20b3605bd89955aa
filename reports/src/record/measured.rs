//! The figures of a trial.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cpu::{dispatcher, workers};
use super::plan::is_false;
use super::{Account, Costs, CpuTime, Defended, IntervalRecord, Waiting, count};

/// The figures of a trial that ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Requests answered with success, which is with an expected status, in the measured time.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Whole answers by status, also those of failed requests; a status that did not occur is absent.
    /// Empty in older records.
    #[serde(
        default,
        deserialize_with = "count::each",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub statuses: BTreeMap<String, u64>,
    /// Measured time, seconds.
    pub duration_s: f64,
    /// Requests answered with success per second of measured time.
    pub throughput_rps: f64,
    /// Requested rate, requests per second; absent in a closed loop, which has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_rps: Option<f64>,
    /// Response time, microseconds: from when the request should have been sent. In a closed
    /// loop that is when it was sent. Absent if nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<Latency>,
    /// Service time, microseconds: from when the request was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_us: Option<Latency>,
    /// The generator's own lag, microseconds: from when a request could have been sent to when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_us: Option<Latency>,
    /// Response times as an HdrHistogram (V2 encoding, base64), in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub histogram: Option<String>,
    /// Figures per interval of the measured time, in order; empty if none were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<IntervalRecord>,
    /// How long requests waited for a worker, compared with queueing theory; absent if arrivals and
    /// work were not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_us: Option<Waiting>,
    /// Requests that failed, by class; a class that did not occur is absent. Older records also count
    /// failed attempts to connect here, and have `reset` and `closed-early` for `reset-before-sending`,
    /// `closed-as-it-was-sent`, `unanswered` and `cut`.
    #[serde(default, deserialize_with = "count::each")]
    pub errors: BTreeMap<String, u64>,
    /// Attempts to connect that failed, by class; a class that did not occur is absent.
    #[serde(
        default,
        deserialize_with = "count::each",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub connect_errors: BTreeMap<String, u64>,
    /// Requests that were sent again, since the server had closed their kept connection without a byte
    /// of an answer; absent in older records.
    #[serde(
        default,
        deserialize_with = "count::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub repeated: Option<u64>,
    /// Kept connections that ended and were opened again in the measured time; absent where connections are
    /// not kept, and in older records.
    #[serde(
        default,
        deserialize_with = "count::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub moved: Option<u64>,
    /// What the defences of the fleet did; absent without defences, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defences: Option<Defended>,
    /// What became of every request; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// Requests without an answer at the end of the measured time; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    /// Figures of each worker, in the order of worker numbers.
    pub per_worker: Vec<WorkerFigures>,
    /// CPU time of the dispatcher processes; absent without one.
    #[serde(flatten, with = "dispatcher")]
    #[schemars(with = "dispatcher::Flat")]
    pub dispatcher_cpu: Option<CpuTime>,
    /// CPU time of all workers.
    #[serde(flatten, with = "workers")]
    #[schemars(with = "workers::Flat")]
    pub workers_cpu: Option<CpuTime>,
    /// CPU time of the master, seconds, if workers count requests by messages to it; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master_cpu_s: Option<f64>,
    /// Requests that the workers had answered between the two readings of CPU time, by their own count,
    /// so that CPU time per request does not depend on how exact the readings were. Absent if CPU time
    /// or the count is unknown, and in older records, where `requests` stands for it.
    #[serde(
        default,
        deserialize_with = "count::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub served: Option<u64>,
    /// What dispatcher and workers used besides CPU time; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<Costs>,
    /// CPU time of the load threads in the measured time, seconds.
    pub loadgen_cpu_s: f64,
    /// Whether the load generator sent so many requests late, or so few of those offered, that the
    /// figures may not be compared; false in older records, where only `invalid_because` says so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// Whether the figures may be compared.
    pub valid: bool,
    /// Why they may not be compared, one sentence each.
    #[serde(default)]
    pub invalid_because: Vec<String>,
    /// What a reader should know of valid figures too, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Requests without an answer at the end of the measured time. A closed loop leaves as many as it had in
/// flight, most of them just sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unfinished {
    /// Number of them.
    #[serde(deserialize_with = "count::one")]
    pub requests: u64,
    /// Number of those that had waited for longer than any answer took.
    #[serde(deserialize_with = "count::one")]
    pub overdue: u64,
    /// How long the one that waited longest had waited, microseconds.
    pub longest_us: f64,
    /// Quantile up to which the response times are known, from 0 to 1: those of overdue requests are not,
    /// nor those of requests that timed out or were never sent. Percentiles above it are lower bounds;
    /// below 1 mean and maximum are, too.
    pub known_up_to: f64,
}

/// Figures of one worker in the measured time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkerFigures {
    /// Number of the worker, from 0, as in its `x-evenkeel-worker` header.
    pub worker: u32,
    /// Connections that it has accepted since it was launched, except those that had ended before
    /// the load began; absent if only its answers are known.
    #[serde(
        default,
        deserialize_with = "count::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub connections: Option<u64>,
    /// Successful answers that the load generator saw from it in the measured time; absent if answers do not
    /// name their worker, as those of a worker command.
    #[serde(
        default,
        deserialize_with = "count::some",
        skip_serializing_if = "Option::is_none"
    )]
    pub requests: Option<u64>,
    /// CPU time, seconds; absent if the process was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_s: Option<f64>,
}

/// A distribution of durations in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Latency {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}
