//! A trial of load for people at a terminal.

use super::{LoadTrial, spread};
use crate::record::{Latency, LoopKind};
use crate::stats::MIN_SAMPLES_BEYOND;
use crate::units::{self, plural};

/// Width of the names in front of values.
const NAME: usize = 13;

pub(super) fn render(trial: &LoadTrial) -> String {
    let mut lines = vec![trial.url.clone(), conditions(trial), String::new()];
    lines.extend(amounts(trial));
    lines.extend(errors(trial));
    lines.push(String::new());
    lines.extend(times(trial));
    let bars = spread::lines(&trial.response);
    if !bars.is_empty() {
        lines.extend([String::new(), "Response times".to_owned()]);
        lines.extend(bars);
    }
    lines.extend(remarks(trial));
    let lines = lines
        .iter()
        .map(|line| clean(line).trim_end().to_owned() + "\n");
    lines.collect()
}

fn conditions(trial: &LoadTrial) -> String {
    let kind = match trial.loop_kind {
        LoopKind::Closed => "closed loop",
        LoopKind::Open => "open loop",
    };
    format!(
        "{kind}, {}, {}",
        plural(trial.connections, "connection"),
        plural(trial.threads, "load thread"),
    )
}

fn row(name: &str, value: &str) -> String {
    format!("{name:<NAME$}{value}")
}

fn amounts(trial: &LoadTrial) -> Vec<String> {
    let measured = &trial.measured;
    let rate = |rps: f64| format!("{} requests/s", units::count(rps));
    let mut rows = vec![
        row(
            "requests",
            &format!(
                "{} answered in {}",
                units::whole(measured.requests),
                units::seconds(measured.duration_s)
            ),
        ),
        row("throughput", &rate(measured.throughput_rps)),
    ];
    rows.extend(measured.offered_rps.map(|rps| row("offered", &rate(rps))));
    let arrivals = trial.arrivals.as_ref();
    rows.extend(arrivals.map(|arrivals| row("arrivals", &arrivals.text())));
    rows.push(row("received", &received(trial)));
    let opened = plural(trial.connections_opened as usize, "connection");
    rows.push(row("opened", &format!("{opened} in the measured time")));
    let busy = units::percent(trial.generator_cpu_share);
    rows.push(row(
        "load CPU",
        &format!("{busy} of {}", plural(trial.threads, "thread")),
    ));
    if !measured.per_worker.is_empty() {
        let shares = measured
            .per_worker
            .iter()
            .map(|worker| units::whole(worker.requests));
        rows.push(row("per worker", &shares.collect::<Vec<_>>().join("  ")));
    }
    rows
}

fn received(trial: &LoadTrial) -> String {
    let bytes = trial.received_bytes as f64;
    match trial.measured.duration_s {
        seconds if seconds > 0.0 => format!(
            "{}, {}/s",
            units::bytes(bytes),
            units::bytes(bytes / seconds)
        ),
        _ => units::bytes(bytes),
    }
}

/// The number of errors, then a line per class with an example.
fn errors(trial: &LoadTrial) -> Vec<String> {
    let Some(share) = trial.error_share() else {
        return Vec::new();
    };
    let total = trial.error_count();
    if total == 0 {
        return vec![row("errors", "none")];
    }
    let total = format!("{} ({} of all)", units::whole(total), units::percent(share));
    let classes = trial.measured.errors.iter().map(|(class, count)| {
        let example = trial.error_examples.get(class);
        let example = example.map_or(String::new(), |example| format!(", such as: {example}"));
        format!("  {:>9} × {class}{example}", units::whole(*count))
    });
    [row("errors", &total)].into_iter().chain(classes).collect()
}

/// A table of times with a row per kind.
fn times(trial: &LoadTrial) -> Vec<String> {
    let measured = &trial.measured;
    // Where nothing waited to be sent, the two are the same.
    let service = measured.service_us;
    let service = service.filter(|_| measured.service_us != measured.latency_us);
    let kinds = [
        ("response", measured.latency_us, trial.response.len()),
        ("service", service, trial.service.len()),
        ("lag", measured.lag_us, trial.response.len()),
        ("connect", trial.connect_us, trial.connections_opened),
        ("handshake", trial.handshake_us, trial.connections_opened),
    ];
    let names = ["mean", "p50", "p90", "p99", "p99.9", "max"];
    let head = columns("", &names.map(str::to_owned));
    let rows = kinds
        .into_iter()
        .filter_map(|(name, times, answers)| Some(columns(name, &cells(&times?, answers))));
    let rows: Vec<String> = rows.collect();
    match rows.is_empty() {
        true => rows,
        false => [head].into_iter().chain(rows).collect(),
    }
}

fn columns(name: &str, cells: &[String; 6]) -> String {
    let cells = cells.iter().map(|cell| format!("{cell:>10}"));
    format!("{name:<NAME$}{}", cells.collect::<String>())
}

/// The figures, with a `~` before a percentile that so few answers cannot bear.
fn cells(times: &Latency, answers: u64) -> [String; 6] {
    let at = |quantile: f64, us: f64| {
        let beyond = (answers as f64 * (1.0 - quantile)).round();
        let doubt = if beyond < MIN_SAMPLES_BEYOND { "~" } else { "" };
        format!("{doubt}{}", units::duration(us))
    };
    [
        units::duration(times.mean),
        at(0.5, times.p50),
        at(0.9, times.p90),
        at(0.99, times.p99),
        at(0.999, times.p999),
        units::duration(times.max),
    ]
}

fn remarks(trial: &LoadTrial) -> Vec<String> {
    let measured = &trial.measured;
    let notes = measured.notes.iter().map(|note| row("note", note));
    let reasons = measured.invalid_because.iter();
    let reasons = reasons.map(|reason| row("invalid", reason));
    let remarks: Vec<String> = notes.chain(reasons).collect();
    match remarks.is_empty() {
        true => remarks,
        false => [String::new()].into_iter().chain(remarks).collect(),
    }
}

/// Without control characters: what a server sends must not move the cursor.
fn clean(text: &str) -> String {
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(visible).collect()
}
