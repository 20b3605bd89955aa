//! From what the generator and the fleet saw to the figures of the record.

use std::time::Duration;

use evenkeel_loadgen::Outcome;
use evenkeel_reports::histogram::{self, HistogramError};
use evenkeel_reports::{Latency, Measured, WorkerFigures};

use super::judge;
use super::watch::Window;

/// The figures that the generator alone has, and what stands against them.
///
/// # Errors
/// [`HistogramError`] if the response times cannot be encoded.
pub(crate) fn of_load(
    outcome: &Outcome,
    offered_rps: Option<f64>,
) -> Result<Measured, HistogramError> {
    let histogram = match outcome.response.is_empty() {
        true => None,
        false => Some(histogram::encode(&outcome.response)?),
    };
    let invalid_because = judge::objections_to_load(outcome);
    let errors = outcome
        .errors
        .iter()
        .map(|(class, count)| (class.name().into_owned(), *count));
    let examples = outcome.examples.iter();
    let examples = examples.map(|(class, example)| format!("first {class}: {example}"));
    Ok(Measured {
        requests: outcome.requests,
        duration_s: outcome.duration.as_secs_f64(),
        throughput_rps: outcome.throughput_rps(),
        offered_rps,
        latency_us: Latency::from_histogram(&outcome.response),
        service_us: Latency::from_histogram(&outcome.service),
        lag_us: Latency::from_histogram(&outcome.lag),
        histogram,
        errors: errors.collect(),
        per_worker: Vec::new(),
        dispatcher_cpu_s: None,
        workers_cpu_s: None,
        loadgen_cpu_s: outcome.cpu.as_secs_f64(),
        valid: invalid_because.is_empty(),
        invalid_because,
        notes: examples.collect(),
    })
}

/// Adds what the fleet has done and spent.
pub(super) fn add_fleet(measured: &mut Measured, outcome: &Outcome, window: &Window) {
    let seconds = |cpu: Option<Duration>| cpu.map(|cpu| cpu.as_secs_f64());
    measured.dispatcher_cpu_s = seconds(window.dispatcher_cpu);
    measured.workers_cpu_s = seconds(window.workers.iter().map(|worker| worker.cpu).sum());
    let workers = window.workers.iter().enumerate();
    measured.per_worker = workers
        .map(|(number, worker)| WorkerFigures {
            worker: number as u32,
            connections: worker.connections,
            requests: outcome.per_worker.get(number).copied().unwrap_or(0),
            cpu_s: seconds(worker.cpu),
        })
        .collect();
}
