//! A trial of load as a line of names and a line of values.

use super::LoadTrial;
use crate::error::RenderError;
use crate::record::Latency;
use crate::render::csv::{LATENCIES, errors_by_class, sentences, table};

/// A column: its name with the unit, and its value; `None` is an empty cell.
type Column = (&'static str, fn(&LoadTrial) -> Option<String>);

/// Columns before [`LATENCIES`].
const BEFORE: &[Column] = &[
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

/// Columns after [`LATENCIES`].
const AFTER: &[Column] = &[
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
    ("invalid_because", |t| {
        sentences(&t.measured.invalid_because)
    }),
    ("notes", |t| sentences(&t.measured.notes)),
];

pub(super) fn render(trial: &LoadTrial) -> Result<String, RenderError> {
    let of = |columns: &[Column]| -> Vec<_> {
        let cells = columns.iter().map(|(name, value)| (*name, value(trial)));
        cells.collect()
    };
    let latencies = LATENCIES.iter().map(|(name, value)| {
        let value = value(&trial.measured).map(|us| us.to_string());
        (*name, value)
    });
    let cells = of(BEFORE).into_iter().chain(latencies).chain(of(AFTER));
    let cells = cells.map(|(name, value)| (name.to_owned(), value.unwrap_or_default()));
    let (names, values) = cells.unzip();
    table([names, values])
}

fn of(latency: Option<Latency>, value: fn(&Latency) -> f64) -> Option<String> {
    latency.as_ref().map(value).map(|us| us.to_string())
}
