//! One line per trial, with flat columns.

use crate::error::RenderError;
use crate::record::{Measured, Trial, TrialResult, WorkerFigures};
use crate::stats::{Side, jain, max_over_mean};
use crate::study::Study;

/// A figure that a trial may have.
type Figure = fn(&Measured) -> Option<f64>;

/// Response times, service times and lag, as all tables of trials have them: the name with the unit,
/// and the value.
pub(crate) const LATENCIES: [(&str, Figure); 11] = [
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

/// A trial of the plan; one that was not run has no figures.
#[derive(Clone, Copy)]
struct Planned<'a> {
    strategy: &'a str,
    scenario: &'a str,
    block: u32,
    trial: Option<&'a Trial>,
}

/// A column: its name with the unit, and its value for a trial; `None` is an empty cell.
type Column = (&'static str, fn(&Planned) -> Option<String>);

/// Columns before [`LATENCIES`].
const BEFORE: &[Column] = &[
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
];

/// Columns after [`LATENCIES`].
const AFTER: &[Column] = &[
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
];

/// Columns after all others, of a study with other systems.
const OF_SYSTEMS: &[Column] = &[
    ("versions", |t| {
        let versions = t.trial?.peer.as_ref()?.versions.iter();
        let told: Vec<String> = versions.map(|(name, v)| format!("{name}={v}")).collect();
        Some(told.join(";"))
    }),
    ("out_of_parity", |t| {
        sentences(&t.trial?.peer.as_ref()?.differs)
    }),
];

pub(super) fn render(study: &Study) -> Result<String, RenderError> {
    let has_systems = study.trials.iter().any(|trial| trial.peer.is_some());
    let last = if has_systems { OF_SYSTEMS } else { &[] };
    let latencies = LATENCIES.iter().map(|(name, _)| *name);
    let before = BEFORE.iter().map(|(name, _)| *name);
    let after = AFTER.iter().chain(last).map(|(name, _)| *name);
    let names = before.chain(latencies).chain(after);
    let names = names.map(str::to_owned).collect();
    let ran = study.trials.iter().map(|trial| Planned {
        strategy: &trial.strategy,
        scenario: &trial.scenario,
        block: trial.block,
        trial: Some(trial),
    });
    let missing = missing(study);
    let trials = ran.chain(missing);
    table(
        [names]
            .into_iter()
            .chain(trials.map(|trial| values(&trial, last))),
    )
}

fn values(trial: &Planned, last: &[Column]) -> Vec<String> {
    let before = BEFORE.iter().map(|(_, value)| value(trial));
    let latencies = LATENCIES.iter().map(|(_, value)| figure(trial, value));
    let after = AFTER.iter().chain(last).map(|(_, value)| value(trial));
    let values = before.chain(latencies).chain(after);
    values.map(Option::unwrap_or_default).collect()
}

/// Writes rows of cells.
pub(crate) fn table(rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, RenderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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

fn figure<T: ToString>(
    planned: &Planned,
    value: impl Fn(&Measured) -> Option<T>,
) -> Option<String> {
    value(planned.trial?.measured()?).map(|value| value.to_string())
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
