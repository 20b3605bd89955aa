//! A trial of load as one record with flat columns, for CSV.

use super::LoadTrial;
use crate::format::{Column, names, values};
use crate::topic::{AMOUNTS, LATENCIES, REMARKS};

const CONFIGURED: &[Column<LoadTrial, String>] = &[
    ("url", |t| Some(t.url.clone())),
    ("valid", |t| Some(t.measured.valid.to_string())),
    ("connections", |t| Some(t.connections.to_string())),
    ("threads", |t| Some(t.threads.to_string())),
];

/// What only trials of load have, after latencies.
const OF_LOAD: &[Column<LoadTrial, f64>] = &[
    ("waited", |t| Some(t.arrivals.as_ref()?.waited as f64)),
    ("late", |t| Some(t.arrivals.as_ref()?.late as f64)),
    ("connect_p50_us", |t| Some(t.connect_us?.p50)),
    ("connect_p99_us", |t| Some(t.connect_us?.p99)),
    ("handshake_p50_us", |t| Some(t.handshake_us?.p50)),
    ("handshake_p99_us", |t| Some(t.handshake_us?.p99)),
    ("connections_opened", |t| Some(t.connections_opened as f64)),
    ("received_bytes", |t| Some(t.received_bytes as f64)),
    ("loadgen_cpu_s", |t| Some(t.measured.loadgen_cpu_s)),
    ("generator_cpu_share", |t| Some(t.generator_cpu_share)),
    ("errors", |t| Some(t.error_count() as f64)),
    ("connect_errors", |t| Some(t.connect_error_count() as f64)),
    ("overdue", |t| Some(t.measured.unfinished?.overdue as f64)),
];

pub(super) fn records(trial: &LoadTrial) -> Vec<Vec<String>> {
    let (this, measured) = (Some(trial), Some(&trial.measured));
    let figures = [AMOUNTS, LATENCIES].concat();
    vec![
        [
            names(CONFIGURED),
            names(&figures),
            names(OF_LOAD),
            names(REMARKS),
        ]
        .concat(),
        [
            values(CONFIGURED, this),
            values(&figures, measured),
            values(OF_LOAD, this),
            values(REMARKS, measured),
        ]
        .concat(),
    ]
}
