//! A trial of load as one record with flat columns, for CSV.

use super::LoadTrial;
use crate::format::{self, Column};
use crate::record::{Latency, Measured};
use crate::topic::{HasFigures, errors_by_class, joined, latencies};

/// Columns before [`latencies`].
const BEFORE: &[Column<LoadTrial>] = &[
    ("url", |t| Some(t.url.clone())),
    ("valid", |t| Some(t.measured.valid.to_string())),
    ("connections", |t| Some(t.connections.to_string())),
    ("threads", |t| Some(t.threads.to_string())),
    ("requests", |t| Some(t.measured.requests.to_string())),
    ("duration_s", |t| Some(t.measured.duration_s.to_string())),
    ("throughput_rps", |t| {
        Some(t.measured.throughput_rps.to_string())
    }),
    ("offered_rps", |t| {
        t.measured.offered_rps.map(|rps| rps.to_string())
    }),
];

/// Columns after [`latencies`].
const AFTER: &[Column<LoadTrial>] = &[
    ("waited", |t| Some(t.arrivals.as_ref()?.waited.to_string())),
    ("late", |t| Some(t.arrivals.as_ref()?.late.to_string())),
    ("connect_p50_us", |t| of(t.connect_us, |l| l.p50)),
    ("connect_p99_us", |t| of(t.connect_us, |l| l.p99)),
    ("handshake_p50_us", |t| of(t.handshake_us, |l| l.p50)),
    ("handshake_p99_us", |t| of(t.handshake_us, |l| l.p99)),
    ("connections_opened", |t| {
        Some(t.connections_opened.to_string())
    }),
    ("received_bytes", |t| Some(t.received_bytes.to_string())),
    ("loadgen_cpu_s", |t| {
        Some(t.measured.loadgen_cpu_s.to_string())
    }),
    ("generator_cpu_share", |t| {
        Some(t.generator_cpu_share.to_string())
    }),
    ("errors", |t| Some(t.error_count().to_string())),
    ("errors_by_class", |t| errors_by_class(&t.measured)),
    ("invalid_because", |t| joined(&t.measured.invalid_because)),
    ("notes", |t| joined(&t.measured.notes)),
];

impl HasFigures for LoadTrial {
    fn figures(&self) -> Option<&Measured> {
        Some(&self.measured)
    }
}

/// Returns the names of the columns and their values.
pub(super) fn records(trial: &LoadTrial) -> Vec<Vec<String>> {
    let columns = [BEFORE, &latencies(), AFTER].concat();
    format::records(&columns, [trial].into_iter())
}

fn of(latency: Option<Latency>, value: fn(&Latency) -> f64) -> Option<String> {
    latency.as_ref().map(value).map(|us| us.to_string())
}
