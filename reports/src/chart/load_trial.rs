//! The charts of a trial of load.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::over_time::{self, Line, Scale, TimePoint};
use super::percentiles::{self, LabelledCurve};
use super::svg::{Canvas, Frame, PLANE_TOP, room_for};
use crate::load::LoadTrial;
use crate::palette::style;
use crate::record::{IntervalRecord, LoopKind};
use crate::stats::PercentileCurve;
use crate::table::{Table, or_absent};
use crate::units;

/// Height of a plane in pixels.
const HEIGHT: f64 = 220.0;

pub(super) static LATENCY: ChartInfo = ChartInfo {
    name: "latency",
    title: "Latency by percentile",
    caption: "At 99%, one answer in a hundred took longer than the curve shows. A curve ends where fewer \
              than ten answers lie beyond: further points would be chance.",
    set_by: None,
    draw: Draw::Load(latency),
};

pub(super) static RATE: ChartInfo = ChartInfo {
    name: "rate",
    title: "Requests per second over time",
    caption: "Requests of each interval: in a closed loop by the time of the answer, in an open loop by \
              the intended time.",
    set_by: None,
    draw: Draw::Load(rate),
};

pub(super) static RESPONSE_TIME: ChartInfo = ChartInfo {
    name: "over-time",
    title: "Response time over time",
    caption: "Percentiles of each interval of the measured time.",
    set_by: None,
    draw: Draw::Load(response_time),
};

fn latency(trial: &LoadTrial) -> Drawn {
    let response = Some(("response", &trial.response));
    // In a closed loop the two are equal.
    let service = (trial.loop_kind == LoopKind::Open).then_some(("service", &trial.service));
    let kinds = response.into_iter().chain(service).enumerate();
    let curves = kinds.filter_map(|(position, (label, times))| {
        Some(LabelledCurve {
            label: label.to_owned(),
            style: style(position),
            curve: PercentileCurve::of(times)?,
        })
    });
    let curves: Vec<LabelledCurve> = curves.collect();
    let description = "Line chart: latency by percentile";
    let key = percentiles::key(trial.loop_kind);
    Ok((!curves.is_empty()).then(|| Drawing {
        svg: percentiles::drawing(&curves, description, LATENCY.title, key),
        table: percentiles::table(&curves),
    }))
}

fn rate(trial: &LoadTrial) -> Drawn {
    let per_second =
        |count: u64, i: &IntervalRecord| (i.duration_s > 0.0).then(|| count as f64 / i.duration_s);
    let answered = line(trial, "answered", 0, |i| per_second(i.requests, i));
    let failed = line(trial, "failed", 6, |i| per_second(i.errors, i));
    let lines = match trial.error_count() {
        0 => vec![answered],
        _ => vec![answered, failed],
    };
    Ok(drawn(trial, RATE.title, &lines, Scale::Count, units::count))
}

fn response_time(trial: &LoadTrial) -> Drawn {
    let lines = [
        line(trial, "p50", 0, |i| i.p50_us),
        line(trial, "p99", 1, |i| i.p99_us),
        line(trial, "max", 2, |i| i.max_us),
    ];
    let title = RESPONSE_TIME.title;
    Ok(drawn(trial, title, &lines, Scale::Latency, units::duration))
}

/// Draws lines over time; `None` if no line has two points.
fn drawn(
    trial: &LoadTrial,
    title: &str,
    lines: &[Line],
    scale: Scale,
    text: fn(f64) -> String,
) -> Option<Drawing> {
    lines.iter().find(|line| line.points.len() > 1)?;
    let labels = lines.iter().map(|line| (line.style, line.label.as_str()));
    let frame = Frame::wide(PLANE_TOP, HEIGHT, room_for(labels));
    let canvas = Canvas::new(&format!("Line chart: {title}"), frame.bottom + 44.0);
    canvas.heading(title, "seconds since the measured time began");
    let last = trial.measured.intervals.last();
    let end_s = last.map_or(0.0, |interval| interval.at_s + interval.duration_s);
    over_time::draw(&canvas, frame, "", lines, (scale, end_s));
    Some(Drawing {
        svg: canvas.finish(),
        table: table(lines, text),
    })
}

/// Returns a line through the middles of the intervals that have the figure.
fn line(
    trial: &LoadTrial,
    label: &str,
    position: usize,
    figure: impl Fn(&IntervalRecord) -> Option<f64>,
) -> Line {
    let points = trial.measured.intervals.iter().filter_map(|interval| {
        Some(TimePoint {
            at_s: interval.at_s + interval.duration_s / 2.0,
            value: figure(interval)?,
        })
    });
    Line {
        label: label.to_owned(),
        style: style(position),
        points: points.collect(),
    }
}

fn table(lines: &[Line], text: fn(f64) -> String) -> Table {
    let mut table = Table::with_head(["", "least", "greatest", "intervals"]);
    for line in lines {
        let values = || line.points.iter().map(|point| point.value);
        let ends = [values().reduce(f64::min), values().reduce(f64::max)];
        let [least, greatest] = ends.map(|value| or_absent(value, text));
        let intervals = units::whole(line.points.len() as u64);
        table.push([&line.label, &least, &greatest, &intervals]);
    }
    table
}
