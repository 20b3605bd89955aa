//! One trial of load, for people and for programs.

use evenkeel_loadgen::Outcome;
use evenkeel_reports::{Latency, Measured};
use serde_json::{Value, json};

use crate::failure::Failure;

/// The trial as JSON, with the names of the record. What only a fleet of ours can tell is not
/// in it: the server may be any.
///
/// # Errors
/// [`Failure`] if a figure is none that JSON can hold.
pub(super) fn json(url: &str, measured: &Measured, outcome: &Outcome) -> Result<String, Failure> {
    let mut trial = json!({ "type": "trial", "url": url });
    let figures = serde_json::to_value(measured).map_err(Failure::failed)?;
    if let (Some(trial), Value::Object(figures)) = (trial.as_object_mut(), figures) {
        trial.extend(figures);
        trial.insert(
            "connections_opened".into(),
            outcome.connections_opened.into(),
        );
        trial.insert("received_bytes".into(), outcome.bytes.into());
        trial.insert("per_worker".into(), per_worker(outcome));
    }
    Ok(format!("{trial:#}\n"))
}

fn per_worker(outcome: &Outcome) -> Value {
    let workers = outcome.per_worker.iter().enumerate();
    workers
        .map(|(worker, requests)| json!({ "worker": worker, "requests": requests }))
        .collect()
}

/// The trial as a few lines, each with a name and a value.
pub(super) fn text(url: &str, measured: &Measured, outcome: &Outcome) -> String {
    let mut rows = vec![("target", url.to_owned())];
    rows.extend(rows_of_rate(measured));
    rows.extend(rows_of_time(measured));
    rows.extend(rows_of_connections(outcome));
    let errors = measured.errors.iter();
    rows.extend(errors.map(|(class, count)| ("errors", format!("{count} {class}"))));
    let notes = measured.notes.iter();
    rows.extend(notes.map(|note| ("note", note.clone())));
    let reasons = measured.invalid_because.iter();
    rows.extend(reasons.map(|reason| ("invalid", reason.clone())));
    let lines = rows
        .into_iter()
        .map(|(name, value)| format!("{name:<14}{value}\n"));
    lines.collect()
}

type Row = (&'static str, String);

fn rows_of_rate(measured: &Measured) -> Vec<Row> {
    let answered = format!("{} in {:.2} s", measured.requests, measured.duration_s);
    let rate = |rps: f64| format!("{rps:.0} requests/s");
    let mut rows = vec![
        ("requests", answered),
        ("throughput", rate(measured.throughput_rps)),
    ];
    rows.extend(measured.offered_rps.map(|rps| ("offered", rate(rps))));
    rows
}

fn rows_of_time(measured: &Measured) -> Vec<Row> {
    let of_loop = match measured.offered_rps {
        None => " (closed loop)",
        Some(_) => "",
    };
    let times = [
        ("response", measured.latency_us),
        ("service", measured.service_us),
        ("lag", measured.lag_us),
    ];
    let row =
        |(name, latency): (_, Option<Latency>)| Some((name, percentiles(&latency?) + of_loop));
    times.into_iter().filter_map(row).collect()
}

fn rows_of_connections(outcome: &Outcome) -> Vec<Row> {
    let opened = outcome.connections_opened;
    let busy = outcome.generator_cpu_share * 100.0;
    let mut rows = vec![
        (
            "connections",
            format!("{opened} opened in the measured time"),
        ),
        (
            "load CPU",
            format!("{busy:.0}% of {} thread(s)", outcome.threads),
        ),
    ];
    if !outcome.per_worker.is_empty() {
        let requests: Vec<String> = outcome.per_worker.iter().map(u64::to_string).collect();
        rows.push(("per worker", requests.join(" ")));
    }
    rows
}

fn percentiles(latency: &Latency) -> String {
    let Latency {
        mean,
        p50,
        p90,
        p99,
        p999,
        max,
    } = latency;
    format!(
        "mean {mean:.0} µs, p50 {p50:.0}, p90 {p90:.0}, p99 {p99:.0}, p99.9 {p999:.0}, max {max:.0}"
    )
}
