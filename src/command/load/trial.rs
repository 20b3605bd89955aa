//! From what the generator saw to the trial that is shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use evenkeel_loadgen::{LoadSpec, Outcome};
use evenkeel_reports::load::LoadTrial;
use evenkeel_reports::{Latency, LoopKind, WorkerFigures};

use crate::failure::Failure;
use crate::study::figures;

/// The trial of a load that began at this moment.
///
/// # Errors
/// [`Failure`] if the response times cannot be encoded.
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
    Ok(LoadTrial {
        evenkeel: env!("CARGO_PKG_VERSION").to_owned(),
        started_unix_s: since_epoch(began).as_secs(),
        command: std::env::args().collect(),
        url: url.to_owned(),
        loop_kind,
        connections: spec.connections,
        threads: outcome.threads,
        measured,
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

fn since_epoch(moment: SystemTime) -> Duration {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// What the answers of evenkeel's own workers tell; any other server's say nothing.
fn per_worker(outcome: &Outcome) -> Vec<WorkerFigures> {
    let workers = outcome.per_worker.iter().zip(0..);
    workers
        .map(|(requests, worker)| WorkerFigures {
            worker,
            connections: None,
            requests: *requests,
            cpu_s: None,
        })
        .collect()
}

fn examples(outcome: &Outcome) -> impl Iterator<Item = (String, String)> {
    let examples = outcome.examples.iter();
    examples.map(|(class, example)| (class.name().into_owned(), example.clone()))
}
