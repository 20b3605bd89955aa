//! A record per trial with flat columns, for CSV.

use crate::format::{Column, names, values};
use crate::record::{Measured, ProcessCosts, Trial, TrialResult, WorkerFigures};
use crate::stats::{Side, jain, max_over_mean};
use crate::study::Study;

/// A trial of the plan; one that was not run has no figures.
#[derive(Clone, Copy)]
struct Planned<'a> {
    strategy: &'a str,
    scenario: &'a str,
    block: u32,
    trial: Option<&'a Trial>,
}

type Figure = Column<Measured, f64>;
type PlannedColumn = (&'static str, fn(&Planned) -> Option<String>);

/// Response times, service times and lag, which all tables of trials have.
pub(crate) const LATENCIES: &[Figure] = &[
    ("latency_mean_us", |m| Some(m.latency_us?.mean)),
    ("latency_p50_us", |m| Some(m.latency_us?.p50)),
    ("latency_p90_us", |m| Some(m.latency_us?.p90)),
    ("latency_p99_us", |m| Some(m.latency_us?.p99)),
    ("latency_p999_us", |m| Some(m.latency_us?.p999)),
    ("latency_max_us", |m| Some(m.latency_us?.max)),
    ("service_p50_us", |m| Some(m.service_us?.p50)),
    ("service_p99_us", |m| Some(m.service_us?.p99)),
    ("service_p999_us", |m| Some(m.service_us?.p999)),
    ("lag_p99_us", |m| Some(m.lag_us?.p99)),
    ("lag_max_us", |m| Some(m.lag_us?.max)),
];

/// What was planned, and whether it was measured.
const PLANNED: &[PlannedColumn] = &[
    ("strategy", |t| Some(t.strategy.to_owned())),
    ("scenario", |t| Some(t.scenario.to_owned())),
    ("block", |t| Some(t.block.saturating_add(1).to_string())),
    ("outcome", |t| Some(outcome(t.trial).to_owned())),
    ("valid", |t| Some(t.trial?.measured()?.valid.to_string())),
    ("workers", |t| t.trial?.workers.map(|n| n.to_string())),
];

/// Amounts, which stand before [`LATENCIES`].
pub(crate) const AMOUNTS: &[Figure] = &[
    ("requests", |m| Some(m.requests as f64)),
    ("duration_s", |m| Some(m.duration_s)),
    ("throughput_rps", |m| Some(m.throughput_rps)),
    ("offered_rps", |m| m.offered_rps),
];

/// Fairness and costs, which come after [`LATENCIES`].
#[rustfmt::skip] // A table is easier to read with a line per column.
const COSTS: &[Figure] = &[
    ("fairness_requests", |m| jain(&requests(m)?)),
    ("fairness_connections", |m| jain(&connections(m)?)),
    ("fairness_cpu", |m| jain(&workers(m, |w| w.cpu_s)?)),
    ("requests_max_over_mean", |m| max_over_mean(&requests(m)?)),
    ("workers_cpu_s", |m| Some(m.workers_cpu?.total_s)),
    ("workers_cpu_user_s", |m| m.workers_cpu?.user_s),
    ("workers_cpu_system_s", |m| m.workers_cpu?.system_s),
    ("dispatcher_cpu_s", |m| Some(m.dispatcher_cpu?.total_s)),
    ("dispatcher_cpu_user_s", |m| m.dispatcher_cpu?.user_s),
    ("dispatcher_cpu_system_s", |m| m.dispatcher_cpu?.system_s),
    ("master_cpu_s", |m| m.master_cpu_s),
    ("loadgen_cpu_s", |m| Some(m.loadgen_cpu_s)),
    ("workers_cpu_us_per_request", Measured::workers_cpu_us_per_request),
    ("dispatcher_cpu_us_per_request", Measured::dispatcher_cpu_us_per_request),
    ("workers_voluntary_switches", |m| cost(m, Side::Workers, |c| c.voluntary_switches)),
    ("workers_involuntary_switches", |m| cost(m, Side::Workers, |c| c.involuntary_switches)),
    ("workers_descriptors", |m| cost(m, Side::Workers, |c| c.descriptors)),
    ("workers_resident_bytes", |m| cost(m, Side::Workers, |c| c.resident_bytes)),
    ("workers_system_calls_per_request", |m| m.system_calls_per_request(Side::Workers)),
    ("dispatcher_voluntary_switches", |m| cost(m, Side::Dispatcher, |c| c.voluntary_switches)),
    ("dispatcher_involuntary_switches", |m| cost(m, Side::Dispatcher, |c| c.involuntary_switches)),
    ("dispatcher_descriptors", |m| cost(m, Side::Dispatcher, |c| c.descriptors)),
    ("dispatcher_resident_bytes", |m| cost(m, Side::Dispatcher, |c| c.resident_bytes)),
    ("dispatcher_system_calls_per_request", |m| m.system_calls_per_request(Side::Dispatcher)),
    ("errors", |m| Some(m.errors.values().sum::<u64>() as f64)),
];

/// What was recorded of a measured trial, in words.
pub(crate) const REMARKS: &[Column<Measured, String>] = &[
    ("errors_by_class", errors_by_class),
    ("invalid_because", |m| sentences(&m.invalid_because)),
    ("notes", |m| sentences(&m.notes)),
];

/// Why a trial was not measured.
const REASONS: &[Column<Trial, String>] = &[
    ("skipped", |t| t.skipped().map(str::to_owned)),
    ("failed", |t| t.failed().map(str::to_owned)),
];

/// Columns after all others, in a study with peers.
const OF_PEERS: &[Column<Trial, String>] = &[
    ("versions", |t| {
        let versions = t.peer.as_ref()?.versions.iter();
        let versions: Vec<String> = versions.map(|(name, v)| format!("{name}={v}")).collect();
        Some(versions.join(";"))
    }),
    ("out_of_parity", |t| sentences(&t.peer.as_ref()?.differs)),
];

/// Returns the names of the columns, then a record per trial, those that were not run included.
pub(super) fn records(study: &Study) -> Vec<Vec<String>> {
    let ran = study.trials.iter().map(|trial| Planned {
        strategy: &trial.strategy,
        scenario: &trial.scenario,
        block: trial.block,
        trial: Some(trial),
    });
    let has_peers = study.trials.iter().any(|trial| trial.peer.is_some());
    let figures = [AMOUNTS, LATENCIES, COSTS].concat();
    let last = [REASONS, if has_peers { OF_PEERS } else { &[] }].concat();
    let head = [
        names(PLANNED),
        names(&figures),
        names(REMARKS),
        names(&last),
    ]
    .concat();
    let record = |planned: Planned| {
        let measured = planned.trial.and_then(Trial::measured);
        [
            values(PLANNED, Some(&planned)),
            values(&figures, measured),
            values(REMARKS, measured),
            values(&last, planned.trial),
        ]
        .concat()
    };
    let records = ran.chain(missing(study)).map(record);
    [head].into_iter().chain(records).collect()
}

/// Returns the trials that were planned and not run, in the order of the plan.
fn missing(study: &Study) -> Vec<Planned<'_>> {
    let plan = &study.header.plan;
    let mut missing = Vec::new();
    for block in 0..plan.blocks {
        for scenario in &plan.scenarios {
            let of_strategies = plan.strategies.iter().map(|strategy| Planned {
                strategy: &strategy.key,
                scenario: &scenario.name,
                block,
                trial: study.trial(&strategy.key, &scenario.name, block),
            });
            missing.extend(of_strategies.filter(|planned| planned.trial.is_none()));
        }
    }
    missing
}

fn outcome(trial: Option<&Trial>) -> &'static str {
    match trial.map(|trial| &trial.result) {
        None => "not run",
        Some(TrialResult::Skipped(_)) => "skipped",
        Some(TrialResult::Failed(_)) => "failed",
        Some(TrialResult::Measured(measured)) if measured.valid => "valid",
        Some(TrialResult::Measured(_)) => "invalid",
    }
}

fn workers(m: &Measured, value: fn(&WorkerFigures) -> Option<f64>) -> Option<Vec<f64>> {
    m.per_worker.iter().map(value).collect()
}

fn requests(m: &Measured) -> Option<Vec<f64>> {
    workers(m, |worker| worker.requests.map(|n| n as f64))
}

fn connections(m: &Measured) -> Option<Vec<f64>> {
    workers(m, |worker| worker.connections.map(|n| n as f64))
}

/// A count of what the processes of a side used.
fn cost(m: &Measured, side: Side, count: fn(&ProcessCosts) -> Option<u64>) -> Option<f64> {
    count(&m.process_costs(side)?).map(|count| count as f64)
}

/// `class=count;class=count`
pub(crate) fn errors_by_class(trial: &Measured) -> Option<String> {
    let classes = trial.errors.iter();
    let parts: Vec<String> = classes.map(|(class, n)| format!("{class}={n}")).collect();
    (!parts.is_empty()).then(|| parts.join(";"))
}

/// Several sentences in one cell; `None` if there is none.
pub(crate) fn sentences(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join("; "))
}
