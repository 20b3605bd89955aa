//! A record per trial with flat columns, for CSV.

use crate::format::{self, Column};
use crate::record::{Measured, Trial, TrialResult, WorkerFigures};
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

/// Something that has figures if it was measured.
pub(crate) trait HasFigures {
    /// The figures.
    fn figures(&self) -> Option<&Measured>;
}

impl HasFigures for Planned<'_> {
    fn figures(&self) -> Option<&Measured> {
        self.trial?.measured()
    }
}

/// Returns the names of the columns, then a record per trial, those that were not run included.
pub(super) fn records(study: &Study) -> Vec<Vec<String>> {
    let ran = study.trials.iter().map(|trial| Planned {
        strategy: &trial.strategy,
        scenario: &trial.scenario,
        block: trial.block,
        trial: Some(trial),
    });
    let trials: Vec<Planned> = ran.chain(missing(study)).collect();
    let mut columns = before().to_vec();
    columns.extend(latencies());
    columns.extend(after());
    if study.trials.iter().any(|trial| trial.peer.is_some()) {
        columns.extend(of_peers());
    }
    format::records(&columns, trials.iter())
}

/// Columns of response times, service times and lag, which all tables of trials have.
pub(crate) fn latencies<T: HasFigures>() -> [Column<T>; 11] {
    [
        ("latency_mean_us", |t| {
            figure(t, |m| Some(m.latency_us?.mean))
        }),
        ("latency_p50_us", |t| figure(t, |m| Some(m.latency_us?.p50))),
        ("latency_p90_us", |t| figure(t, |m| Some(m.latency_us?.p90))),
        ("latency_p99_us", |t| figure(t, |m| Some(m.latency_us?.p99))),
        ("latency_p999_us", |t| {
            figure(t, |m| Some(m.latency_us?.p999))
        }),
        ("latency_max_us", |t| figure(t, |m| Some(m.latency_us?.max))),
        ("service_p50_us", |t| figure(t, |m| Some(m.service_us?.p50))),
        ("service_p99_us", |t| figure(t, |m| Some(m.service_us?.p99))),
        ("service_p999_us", |t| {
            figure(t, |m| Some(m.service_us?.p999))
        }),
        ("lag_p99_us", |t| figure(t, |m| Some(m.lag_us?.p99))),
        ("lag_max_us", |t| figure(t, |m| Some(m.lag_us?.max))),
    ]
}

/// Columns before [`latencies`].
fn before<'a>() -> [Column<Planned<'a>>; 10] {
    [
        ("strategy", |t| Some(t.strategy.to_owned())),
        ("scenario", |t| Some(t.scenario.to_owned())),
        ("block", |t| Some(t.block.to_string())),
        ("outcome", |t| Some(outcome(t.trial).to_owned())),
        ("valid", |t| figure(t, |m| Some(m.valid))),
        ("workers", |t| t.trial?.workers.map(|n| n.to_string())),
        ("requests", |t| figure(t, |m| Some(m.requests))),
        ("duration_s", |t| figure(t, |m| Some(m.duration_s))),
        ("throughput_rps", |t| figure(t, |m| Some(m.throughput_rps))),
        ("offered_rps", |t| figure(t, |m| m.offered_rps)),
    ]
}

/// Columns after [`latencies`].
fn after<'a>() -> [Column<Planned<'a>>; 29] {
    [
        ("fairness_requests", |t| {
            figure(t, |m| jain(&over_workers(m, |w| Some(w.requests as f64))?))
        }),
        ("fairness_connections", |t| {
            figure(t, |m| {
                jain(&over_workers(m, |w| w.connections.map(|n| n as f64))?)
            })
        }),
        ("fairness_cpu", |t| {
            figure(t, |m| jain(&over_workers(m, |w| w.cpu_s)?))
        }),
        ("requests_max_over_mean", |t| {
            figure(t, |m| {
                max_over_mean(&over_workers(m, |w| Some(w.requests as f64))?)
            })
        }),
        ("workers_cpu_s", |t| {
            figure(t, |m| m.workers_cpu.map(|cpu| cpu.total_s))
        }),
        ("workers_cpu_user_s", |t| {
            figure(t, |m| m.workers_cpu?.user_s)
        }),
        ("workers_cpu_system_s", |t| {
            figure(t, |m| m.workers_cpu?.system_s)
        }),
        ("dispatcher_cpu_s", |t| {
            figure(t, |m| m.dispatcher_cpu.map(|cpu| cpu.total_s))
        }),
        ("dispatcher_cpu_user_s", |t| {
            figure(t, |m| m.dispatcher_cpu?.user_s)
        }),
        ("dispatcher_cpu_system_s", |t| {
            figure(t, |m| m.dispatcher_cpu?.system_s)
        }),
        ("loadgen_cpu_s", |t| figure(t, |m| Some(m.loadgen_cpu_s))),
        ("workers_cpu_us_per_request", |t| {
            figure(t, Measured::workers_cpu_us_per_request)
        }),
        ("dispatcher_cpu_us_per_request", |t| {
            figure(t, Measured::dispatcher_cpu_us_per_request)
        }),
        ("workers_voluntary_switches", |t| {
            figure(t, |m| m.process_costs(Side::Workers)?.voluntary_switches)
        }),
        ("workers_involuntary_switches", |t| {
            figure(t, |m| m.process_costs(Side::Workers)?.involuntary_switches)
        }),
        ("workers_descriptors", |t| {
            figure(t, |m| m.process_costs(Side::Workers)?.descriptors)
        }),
        ("workers_resident_bytes", |t| {
            figure(t, |m| m.process_costs(Side::Workers)?.resident_bytes)
        }),
        ("workers_system_calls_per_request", |t| {
            figure(t, |m| m.system_calls_per_request(Side::Workers))
        }),
        ("dispatcher_voluntary_switches", |t| {
            figure(t, |m| m.process_costs(Side::Dispatcher)?.voluntary_switches)
        }),
        ("dispatcher_involuntary_switches", |t| {
            figure(t, |m| {
                m.process_costs(Side::Dispatcher)?.involuntary_switches
            })
        }),
        ("dispatcher_descriptors", |t| {
            figure(t, |m| m.process_costs(Side::Dispatcher)?.descriptors)
        }),
        ("dispatcher_resident_bytes", |t| {
            figure(t, |m| m.process_costs(Side::Dispatcher)?.resident_bytes)
        }),
        ("dispatcher_system_calls_per_request", |t| {
            figure(t, |m| m.system_calls_per_request(Side::Dispatcher))
        }),
        ("errors", |t| {
            figure(t, |m| Some(m.errors.values().sum::<u64>()))
        }),
        ("errors_by_class", |t| figure(t, errors_by_class)),
        ("invalid_because", |t| {
            figure(t, |m| sentences(&m.invalid_because))
        }),
        ("notes", |t| figure(t, |m| sentences(&m.notes))),
        ("skipped", |t| Some(t.trial?.skipped()?.to_owned())),
        ("failed", |t| Some(t.trial?.failed()?.to_owned())),
    ]
}

/// Columns after all others, in a study with peers.
fn of_peers<'a>() -> [Column<Planned<'a>>; 2] {
    [
        ("versions", |t| {
            let versions = t.trial?.peer.as_ref()?.versions.iter();
            let versions: Vec<String> = versions.map(|(name, v)| format!("{name}={v}")).collect();
            Some(versions.join(";"))
        }),
        ("out_of_parity", |t| {
            sentences(&t.trial?.peer.as_ref()?.differs)
        }),
    ]
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

/// A figure in full, if the trial has it.
fn figure<F: ToString>(
    trial: &impl HasFigures,
    value: impl Fn(&Measured) -> Option<F>,
) -> Option<String> {
    value(trial.figures()?).map(|value| value.to_string())
}

fn over_workers(trial: &Measured, value: fn(&WorkerFigures) -> Option<f64>) -> Option<Vec<f64>> {
    trial.per_worker.iter().map(value).collect()
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
