//! A trial of load as a report.

use std::iter::repeat;

use super::account::{self, class_of, example};
use super::{LoadTrial, bars, records};
use crate::document::{Document, Note, Part};
use crate::error::RenderError;
use crate::format::{Report, Style, to_json};
use crate::page;
use crate::record::{Latency, LoopKind};
use crate::stats::MIN_SAMPLES_BEYOND;
use crate::table::{Cell, Column, Row, Table};
use crate::units::{self, plural};

impl Report for LoadTrial {
    fn document(&self, _style: Style<'_>) -> Document {
        let measured = &self.measured;
        let notes = measured
            .notes
            .iter()
            .map(|text| Note::labelled("note", text));
        let reasons = measured.invalid_because.iter();
        let reasons = reasons.map(|text| Note::labelled("invalid", text));
        let mut parts = vec![Part::Paragraph(conditions(self)), Part::Table(facts(self))];
        parts.extend(times(self).map(Part::Table));
        parts.extend(bars::table(&self.response).map(Part::Table));
        parts.push(Part::Notes(notes.chain(reasons).collect()));
        Document {
            outcome: None,
            answer: Vec::new(),
            parts: vec![Part::Section(self.url.clone(), parts)],
        }
    }

    fn records(&self) -> Vec<Vec<String>> {
        records::records(self)
    }

    fn json(&self, _style: Style<'_>) -> Result<String, RenderError> {
        to_json(self)
    }

    fn page(&self, style: Style<'_>) -> Result<String, RenderError> {
        page::of_load(self, &self.document(style))
    }
}

/// How the load was offered, in one line.
pub(crate) fn conditions(trial: &LoadTrial) -> String {
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

/// Amounts and errors: a name and a sentence per row.
pub(crate) fn facts(trial: &LoadTrial) -> Table {
    let rows = amounts(trial).into_iter();
    let rows = rows.chain(answers(trial)).chain(account::rows(trial));
    let rows = rows.map(|(name, text)| Row {
        series: None,
        cells: vec![Cell::text(name), Cell::text(text)],
        ..Row::default()
    });
    Table {
        title: String::new(),
        columns: vec![Column::words(""), Column::words("")],
        rows: rows.collect(),
    }
}

fn amounts(trial: &LoadTrial) -> Vec<(&'static str, String)> {
    let measured = &trial.measured;
    let rate = |rps: f64| format!("{} requests/s", units::count(rps));
    let requests = units::whole(measured.requests);
    let seconds = units::seconds(measured.duration_s);
    let answers: u64 = measured.statuses.values().sum();
    let success = match answers > measured.requests {
        true => " as expected",
        false => "",
    };
    let mut rows = vec![
        (
            "requests",
            format!("{requests} answered{success} in {seconds}"),
        ),
        ("throughput", rate(measured.throughput_rps)),
    ];
    rows.extend(measured.offered_rps.map(|rps| ("offered", rate(rps))));
    let arrivals = trial.arrivals.as_ref();
    rows.extend(arrivals.map(|arrivals| ("arrivals", arrivals.text())));
    rows.push(("received", received(trial)));
    rows.push(("opened", opened(trial)));
    let busy = units::percent(trial.generator_cpu_share);
    let threads = plural(trial.threads, "thread");
    rows.push(("load CPU", format!("{busy} of {threads}")));
    let requests = measured.per_worker.iter().filter_map(|it| it.requests);
    let shares: Vec<_> = requests.map(units::whole).collect();
    if !shares.is_empty() {
        rows.push(("per worker", shares.join("  ")));
    }
    rows
}

fn opened(trial: &LoadTrial) -> String {
    let opened = plural(trial.connections_opened as usize, "connection");
    let failed = match trial.connect_error_count() {
        0 => String::new(),
        failed => format!("; {} failed", plural(failed as usize, "attempt")),
    };
    format!("{opened} in the measured time{failed}")
}

fn received(trial: &LoadTrial) -> String {
    let bytes = trial.received_bytes as f64;
    match trial.measured.duration_s {
        seconds if seconds > 0.0 => {
            format!(
                "{}, {}/s",
                units::bytes(bytes),
                units::bytes(bytes / seconds)
            )
        }
        _ => units::bytes(bytes),
    }
}

/// Number of answers with each status; with an example if it was not expected.
fn answers(trial: &LoadTrial) -> Vec<(&'static str, String)> {
    let names = ["answers"].into_iter().chain(repeat(""));
    let statuses = names.zip(&trial.measured.statuses);
    let row = |(name, (status, count)): (_, (&String, &u64))| {
        let class = class_of(status);
        let unexpected = match trial.measured.errors.contains_key(&class) {
            true => format!(", not expected{}", example(trial, &class)),
            false => String::new(),
        };
        (
            name,
            format!("{} × {status}{unexpected}", units::whole(*count)),
        )
    };
    statuses.map(row).collect()
}

static TIMES: [Column; 7] = [
    Column::words("time"),
    Column::number("mean"),
    Column::number("p50"),
    Column::number("p90"),
    Column::number("p99"),
    Column::number("p99.9"),
    Column::number("max"),
];

/// Returns a row per kind of time; `None` if none was measured.
pub(crate) fn times(trial: &LoadTrial) -> Option<Table> {
    let measured = &trial.measured;
    // Where no request waited to be sent, the two are the same.
    let service = measured.service_us;
    let service = service.filter(|_| measured.service_us != measured.latency_us);
    let known = measured
        .unfinished
        .map_or(1.0, |unfinished| unfinished.known_up_to);
    let answers = trial.response.len();
    let kinds = [
        ("response", measured.latency_us, (answers, known)),
        ("service", service, (answers, known)),
        ("lag", measured.lag_us, (answers, 1.0)),
        ("connect", trial.connect_us, (trial.connections_opened, 1.0)),
        (
            "handshake",
            trial.handshake_us,
            (trial.connections_opened, 1.0),
        ),
    ];
    let rows = kinds.into_iter().filter_map(|(name, times, support)| {
        Some(Row {
            series: None,
            cells: cells(name, &times?, support).to_vec(),
            ..Row::default()
        })
    });
    let rows: Vec<Row> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        title: String::new(),
        columns: TIMES.to_vec(),
        rows,
    })
}

/// The figures of this number of answers, with `~` before a percentile that too few answers support,
/// and `≥` before one of which only a lower bound is known: those above the quantile `known`.
fn cells(name: &str, times: &Latency, (answers, known): (u64, f64)) -> [Cell; TIMES.len()] {
    let marked = |mark: &'static str, us: f64| {
        Cell::number(Some(us), |us| format!("{mark}{}", units::duration(us)))
    };
    let at = |quantile: f64, us: f64| {
        let beyond = (answers as f64 * (1.0 - quantile)).round();
        match beyond < MIN_SAMPLES_BEYOND {
            _ if quantile > known => marked("≥", us),
            true => marked("~", us),
            false => marked("", us),
        }
    };
    [
        Cell::text(name),
        marked(if known < 1.0 { "≥" } else { "" }, times.mean),
        at(0.5, times.p50),
        at(0.9, times.p90),
        at(0.99, times.p99),
        at(0.999, times.p999),
        marked(if known < 1.0 { "≥" } else { "" }, times.max),
    ]
}
