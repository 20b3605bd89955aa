//! The record: what is written down of a study, one JSON object per line.
//!
//! The first line is a [`Header`], every further line a [`Trial`]. Field names carry their
//! units. A figure that was not measured is absent, never zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod costs;
mod executable;
mod interval;
mod peer;
mod waiting;

pub use costs::{Costs, ProcessCosts};
pub use executable::ExecutableRecord;
pub use interval::{HostShares, Interval};
pub use peer::PeerRecord;
pub use waiting::{Expected, Formula, Scatter, Stationary, Theory, Waiting};

/// Version of the record's format. A reader refuses a version it does not know.
pub const SCHEMA_VERSION: u32 = 1;

/// One line of `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a file has one header; every other line is a trial"
)]
pub enum Line {
    /// The first line: what was planned, where, and with which versions.
    Study(Header),
    /// One strategy under one scenario once.
    Trial(Trial),
}

/// What was planned, on which host, by which version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Format of this file, [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Version of the program that measured.
    pub evenkeel: String,
    /// SHA-256 of that program in hexadecimal digits, which tells builds of one version apart;
    /// absent in records that are older than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When the study began, seconds since the Unix epoch.
    pub started_unix_s: u64,
    /// The command line, so that the study can be repeated.
    pub command: Vec<String>,
    /// What was planned.
    pub plan: PlanRecord,
    /// The machine.
    pub host: HostRecord,
}

/// The plan as it was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// Strategies in the order in which reports show them.
    pub strategies: Vec<StrategyRecord>,
    /// Recipes of peers that are not built in, by their absolute paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// Builds of evenkeel that serve, the first as the baseline; empty where the program that
    /// measures serves itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executables: Vec<ExecutableRecord>,
    /// Scenarios in the order in which reports show them.
    pub scenarios: Vec<ScenarioRecord>,
    /// How many times every trial is repeated. With a `precision` it is the fewest, and once
    /// read back, as many as were begun.
    pub blocks: u32,
    /// How far an interval may reach up from its ratio before the study ends, 0.03 for 3%;
    /// absent if the number of blocks is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// After which time no further block is begun, seconds; only with a `precision`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_time_s: Option<f64>,
    /// Ratios this close to 1 are no difference that matters, 0.02 for 2%; absent in records that
    /// are older than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Worker processes ordered per fleet.
    pub workers: u32,
    /// Dispatcher processes ordered per fleet, where the mechanism has any.
    pub dispatchers: u32,
    /// What a worker may have in flight under policies with such a limit; absent if it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u32>,
    /// The share of each worker under policies that give shares; absent if all are equal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<u32>,
    /// Measured time per trial, seconds.
    pub duration_s: f64,
    /// Load before the measured time, seconds.
    pub warmup_s: f64,
    /// Seed of the order of trials, of arrivals and of work.
    pub seed: u64,
    /// CPUs of dispatcher and workers.
    pub server_cpus: Vec<usize>,
    /// CPUs of the load generator.
    pub load_cpus: Vec<usize>,
    /// Whether CPUs were kept from sleeping between requests.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_awake: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A strategy as the report names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyRecord {
    /// Stable key, such as `handoff:sticky`.
    pub key: String,
    /// One sentence on how it works.
    pub summary: String,
    /// Of a peer, the keys of our own strategies that stand for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counterparts: Vec<String>,
}

/// A scenario as the report names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRecord {
    /// Short name, such as `short-lived`.
    pub name: String,
    /// One sentence on what it stands for.
    pub summary: String,
    /// Whether arrivals wait for answers.
    pub loop_kind: LoopKind,
    /// What is offered in truth, such as `8 connections (ordered; the scenario has 64)`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub load: String,
    /// What was ordered otherwise than the scenario itself has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// The whole scenario as it was run, as TOML, so that it can be run again.
    pub toml: String,
}

/// A property of a scenario that the command line or a study file orders otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// What it is, such as `connections`.
    pub what: String,
    /// What was ordered.
    pub ordered: String,
    /// What the scenario has.
    pub instead_of: String,
}

/// Whether arrivals wait for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopKind {
    /// A fixed number of connections, each sending as soon as it is answered: capacity.
    Closed,
    /// Arrivals on a schedule of their own: latency from the intended time.
    Open,
}

/// The machine that was measured on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostRecord {
    /// Kernel release, as `uname -r` prints it.
    pub kernel: String,
    /// Processor model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// CPUs that this process may use.
    pub cpus: usize,
    /// Main memory, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Why the system calls of fleets are not counted here; absent if they are, and in records
    /// that are older than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_calls_uncounted: Option<String>,
    /// What was found to disturb a measurement on this host, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// One strategy under one scenario once.
///
/// Has exactly one of `skipped`, `failed` and `measured`; a line with none of them, or with
/// figures beside a reason why there are none, is refused when it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TrialLine")]
pub struct Trial {
    /// Key of the strategy.
    pub strategy: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Which repetition, from 0.
    pub block: u32,
    /// Worker processes that were launched; absent if none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// Of a peer: what it was, and how it was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerRecord>,
    /// Why the trial was not run: an unmet need of the strategy on this host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Why the trial broke off without figures: the fleet did not start, the load could not be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// The figures; absent if skipped or failed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// A trial as it stands in the file, its figures not yet looked at.
///
/// A flattened `Option` reads a broken figure as "no figures at all"; keeping them as JSON
/// until it is known whether there must be any gives the reason instead.
#[derive(Deserialize)]
struct TrialLine {
    strategy: String,
    scenario: String,
    block: u32,
    #[serde(default)]
    workers: Option<u32>,
    #[serde(default)]
    peer: Option<PeerRecord>,
    #[serde(default)]
    skipped: Option<String>,
    #[serde(default)]
    failed: Option<String>,
    #[serde(flatten)]
    figures: serde_json::Map<String, serde_json::Value>,
}

impl TryFrom<TrialLine> for Trial {
    type Error = String;

    fn try_from(line: TrialLine) -> Result<Trial, String> {
        let ran = line.skipped.is_none() && line.failed.is_none();
        if !ran && line.figures.contains_key("requests") {
            return Err("a trial that was skipped or failed has no figures".into());
        }
        if line.skipped.is_some() && line.failed.is_some() {
            return Err("a trial was either skipped or failed, not both".into());
        }
        let measured = ran
            .then(|| serde_json::from_value(line.figures.into()))
            .transpose()
            .map_err(|error| format!("figures of `{}`: {error}", line.strategy))?;
        Ok(Trial {
            strategy: line.strategy,
            scenario: line.scenario,
            block: line.block,
            workers: line.workers,
            peer: line.peer,
            skipped: line.skipped,
            failed: line.failed,
            measured,
        })
    }
}

/// The figures of a trial that ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Requests answered with success in the measured time.
    pub requests: u64,
    /// Measured time, seconds.
    pub duration_s: f64,
    /// Requests answered with success per second of measured time.
    pub throughput_rps: f64,
    /// Requests ordered per second; absent in a closed loop, which orders none.
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
    /// The measured time in slices, in their order; empty where it was not followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Interval>,
    /// How long requests waited for a worker, beside what queueing theory allows; absent where
    /// arrivals and work were not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_us: Option<Waiting>,
    /// Requests that failed, by class; a class that did not occur is absent.
    #[serde(default)]
    pub errors: BTreeMap<String, u64>,
    /// What each worker took in and spent, in the order of worker numbers.
    pub per_worker: Vec<WorkerFigures>,
    /// CPU time of the dispatcher processes in the measured time, seconds; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatcher_cpu_s: Option<f64>,
    /// Of it in user code, seconds, to the kernel's clock tick (usually 10 ms); absent where
    /// unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatcher_cpu_user_s: Option<f64>,
    /// Of it in the kernel, seconds, to the clock tick; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatcher_cpu_system_s: Option<f64>,
    /// CPU time of all workers in the measured time, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_cpu_s: Option<f64>,
    /// Of it in user code, seconds, to the clock tick; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_cpu_user_s: Option<f64>,
    /// Of it in the kernel, seconds, to the clock tick; absent where unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_cpu_system_s: Option<f64>,
    /// What dispatcher and workers used besides CPU time; absent in records that are older than
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<Costs>,
    /// CPU time of the load threads in the measured time, seconds.
    pub loadgen_cpu_s: f64,
    /// Whether the figures may be compared.
    pub valid: bool,
    /// Why not, one sentence each.
    #[serde(default)]
    pub invalid_because: Vec<String>,
    /// What a reader should know all the same, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What one worker took in and spent in the measured time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkerFigures {
    /// Number of the worker, from 0, as in its `x-evenkeel-worker` header.
    pub worker: u32,
    /// Connections that it has accepted since it was launched, but for those that had ended before
    /// the load came; absent where only its answers are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<u64>,
    /// Successful answers that the load generator saw from it in the measured time.
    pub requests: u64,
    /// CPU time, seconds; absent if the process was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_s: Option<f64>,
}

/// A distribution of durations in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Latency {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}
