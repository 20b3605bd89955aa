//! From the result of the load generator to the trial that is shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use evenkeel_common::command_line;
use evenkeel_loadgen::{Deviation, LATE_AFTER, LoadSpec, Offered, Outcome};
use evenkeel_reports::load::{ArrivalFigures, Checked, LoadTrial};
use evenkeel_reports::{Latency, LoopKind, WorkerFigures};

use crate::failure::Failure;
use crate::study::figures;

/// Returns the trial of a load that began at this moment.
pub(super) fn of(
    url: &str,
    spec: &LoadSpec,
    began: SystemTime,
    outcome: &Outcome,
) -> Result<LoadTrial, Failure> {
    let loop_kind = match spec.offer.is_open() {
        true => LoopKind::Open,
        false => LoopKind::Closed,
    };
    let mut measured = figures::of_load(outcome).map_err(Failure::failed)?;
    measured.per_worker = per_worker(outcome);
    measured.notes.extend(generator_bound(outcome));
    Ok(LoadTrial {
        evenkeel: env!("CARGO_PKG_VERSION").to_owned(),
        started_unix_s: since_epoch(began).as_secs(),
        command: command_line::shown(),
        url: url.to_owned(),
        loop_kind,
        connections: spec.connections,
        threads: outcome.threads,
        measured,
        arrivals: outcome.offered.map(arrivals),
        connect_us: Latency::from_histogram(&outcome.connect),
        handshake_us: Latency::from_histogram(&outcome.handshake),
        connections_opened: outcome.connections_opened,
        received_bytes: outcome.bytes,
        generator_cpu_share: outcome.generator_cpu_share,
        error_examples: examples(outcome).collect(),
        response: outcome.response.clone(),
        service: outcome.service.clone(),
    })
}

/// Returns a note if the load threads were fully busy. Whether the server was is unknown.
fn generator_bound(outcome: &Outcome) -> Option<String> {
    let bound = outcome.offered.is_none() && outcome.is_generator_bound();
    bound.then(|| {
        format!(
            "generator-bound: the load CPUs were {:.0}% busy, so the throughput is a lower bound",
            outcome.generator_cpu_share * 100.0
        )
    })
}

fn arrivals(offered: Offered) -> ArrivalFigures {
    let checked = |deviation: Deviation| Checked {
        figure: deviation.figure,
        allowed: deviation.allowed,
    };
    let schedule = offered.schedule;
    ArrivalFigures {
        due: offered.arrivals,
        sent_in_time: offered.sent_in_window,
        waited: offered.waited,
        late: offered.late,
        late_after_us: LATE_AFTER.as_secs_f64() * 1e6,
        gaps_checked: schedule.gaps,
        spacing: schedule.spacing.map(checked),
        correlation: schedule.correlation.map(checked),
        count: schedule.count.map(checked),
    }
}

fn since_epoch(moment: SystemTime) -> Duration {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Figures per worker, from answers of evenkeel's workers; other servers have none.
fn per_worker(outcome: &Outcome) -> Vec<WorkerFigures> {
    let workers = outcome.per_worker.iter().zip(0..);
    workers
        .map(|(requests, worker)| WorkerFigures {
            worker,
            connections: None,
            requests: Some(*requests),
            cpu_s: None,
        })
        .collect()
}

fn examples(outcome: &Outcome) -> impl Iterator<Item = (String, String)> {
    let examples = outcome.examples.iter();
    examples.map(|(class, example)| (class.name().into_owned(), example.clone()))
}
