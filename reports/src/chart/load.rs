//! The charts of a trial of load.

use super::percentiles::{self, Series};
use super::svg::{Canvas, Frame};
use super::timeline::{self, Kind, Line, Moment};
use super::{ABSENT, Chart, Table};
use crate::load::LoadTrial;
use crate::palette::look;
use crate::record::{IntervalRecord, LoopKind};
use crate::stats::PercentileCurve;
use crate::units;

/// Height of a plane in pixels.
const HEIGHT: f64 = 220.0;

/// Latency by percentile, then rate and latency over time; one without data is left out.
pub(crate) fn of_load(trial: &LoadTrial) -> Vec<Chart> {
    let charts = [by_percentile(trial), rate(trial), over_time(trial)];
    charts.into_iter().flatten().collect()
}

fn by_percentile(trial: &LoadTrial) -> Option<Chart> {
    let response = Some(("response", &trial.response));
    // In a closed loop the two are the same.
    let service = (trial.loop_kind == LoopKind::Open).then_some(("service", &trial.service));
    let kinds = response.into_iter().chain(service).enumerate();
    let series: Vec<Series> = kinds
        .filter_map(|(position, (label, times))| {
            Some(Series {
                label: label.to_owned(),
                look: look(position),
                curve: PercentileCurve::of(times)?,
            })
        })
        .collect();
    let what = "Line chart: latency by percentile";
    let key = percentiles::key(trial.loop_kind);
    (!series.is_empty()).then(|| Chart {
        name: "latency",
        title: "Latency by percentile",
        caption: "At 99%, one answer in a hundred took longer than the curve says. A curve ends \
                  where fewer than ten answers lie beyond, for what comes after is luck.",
        svg: percentiles::drawing(&series, what, "Latency by percentile", key),
        table: percentiles::table(&series),
    })
}

fn rate(trial: &LoadTrial) -> Option<Chart> {
    let per_second =
        |count: u64, i: &IntervalRecord| (i.duration_s > 0.0).then(|| count as f64 / i.duration_s);
    let answered = line(trial, "answered", 0, |i| per_second(i.requests, i));
    let failed = line(trial, "failed", 6, |i| per_second(i.errors, i));
    let lines = match trial.error_count() {
        0 => vec![answered],
        _ => vec![answered, failed],
    };
    drawn(&lines)?;
    Some(Chart {
        name: "rate",
        title: "Requests per second over time",
        caption: match trial.loop_kind {
            LoopKind::Closed => "Requests by the moment of their answer.",
            LoopKind::Open => "Requests by the moment at which they were due.",
        },
        svg: drawing("Requests per second over time", &lines, Kind::Count, trial),
        table: table(&lines, units::count),
    })
}

fn over_time(trial: &LoadTrial) -> Option<Chart> {
    let lines = [
        line(trial, "p50", 0, |i| i.p50_us),
        line(trial, "p99", 1, |i| i.p99_us),
        line(trial, "max", 2, |i| i.max_us),
    ];
    drawn(&lines)?;
    Some(Chart {
        name: "over-time",
        title: "Response time over time",
        caption: "Percentiles of each stretch of the measured time.",
        svg: drawing("Response time over time", &lines, Kind::Latency, trial),
        table: table(&lines, units::duration),
    })
}

/// Whether a line has two points to go between.
fn drawn(lines: &[Line]) -> Option<()> {
    lines.iter().any(|line| line.points.len() > 1).then_some(())
}

fn drawing(title: &str, lines: &[Line], kind: Kind, trial: &LoadTrial) -> String {
    let labels: Vec<_> = lines
        .iter()
        .map(|line| (line.look, line.label.clone()))
        .collect();
    let frame = Frame::wide(Canvas::below_legend(&labels), HEIGHT);
    let canvas = Canvas::new(&format!("Line chart: {title}"), frame.bottom + 44.0);
    canvas.heading(title, "seconds since the measured time began");
    canvas.legend(&labels);
    let last = trial.measured.intervals.last();
    let end_s = last.map_or(0.0, |interval| interval.at_s + interval.duration_s);
    timeline::draw(&canvas, frame, "", lines, (kind, end_s));
    canvas.finish()
}

/// A line through the middles of the intervals that have the figure.
fn line(
    trial: &LoadTrial,
    label: &str,
    position: usize,
    figure: impl Fn(&IntervalRecord) -> Option<f64>,
) -> Line {
    let points = trial.measured.intervals.iter().filter_map(|interval| {
        Some(Moment {
            at_s: interval.at_s + interval.duration_s / 2.0,
            value: figure(interval)?,
        })
    });
    Line {
        label: label.to_owned(),
        look: look(position),
        points: points.collect(),
    }
}

fn table(lines: &[Line], say: fn(f64) -> String) -> Table {
    let mut table = Table::new(["", "least", "greatest", "stretches"]);
    for line in lines {
        let values = || line.points.iter().map(|point| point.value);
        let [least, greatest] = [values().reduce(f64::min), values().reduce(f64::max)]
            .map(|value| value.map_or(ABSENT.to_owned(), say));
        let stretches = units::whole(line.points.len() as u64);
        table.row([&line.label, &least, &greatest, &stretches]);
    }
    table
}
