//! The charts of a trial of load.

use super::Chart;
use super::latency::{self, Series};
use super::timeline::{self, Line};
use crate::load::LoadTrial;
use crate::palette::look;
use crate::record::{Interval, LoopKind};
use crate::render::RenderError;
use crate::stats::PercentileCurve;
use crate::units;

/// Latency by percentile, then rate and latency over time; one without data is left out.
pub(crate) fn of_load(trial: &LoadTrial) -> Result<Vec<Chart>, RenderError> {
    let charts = [by_percentile(trial)?, rate(trial)?, over_time(trial)?];
    Ok(charts.into_iter().flatten().collect())
}

fn by_percentile(trial: &LoadTrial) -> Result<Option<Chart>, RenderError> {
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
    if series.is_empty() {
        return Ok(None);
    }
    let what = "Line chart: latency by percentile";
    let key = latency::key(trial.loop_kind);
    Ok(Some(Chart {
        name: "latency",
        title: "Latency by percentile",
        caption: "At 99%, one answer in a hundred took longer than the curve says. A curve ends \
                  where fewer than ten answers lie beyond, for what comes after is luck.",
        svg: latency::drawing(&series, what, "Latency by percentile", key)?,
    }))
}

fn rate(trial: &LoadTrial) -> Result<Option<Chart>, RenderError> {
    let per_second =
        |count: u64, i: &Interval| (i.duration_s > 0.0).then(|| count as f64 / i.duration_s);
    let answered = line(trial, "answered", 0, |i| per_second(i.requests, i));
    let failed = line(trial, "failed", 6, |i| per_second(i.errors, i));
    let lines = match trial.error_count() {
        0 => vec![answered],
        _ => vec![answered, failed],
    };
    let svg = timeline::draw("rate", "Requests per second over time", &lines, units::tick)?;
    Ok(svg.map(|svg| Chart {
        name: "rate",
        title: "Requests per second over time",
        caption: match trial.loop_kind {
            LoopKind::Closed => "Requests by the moment of their answer.",
            LoopKind::Open => "Requests by the moment at which they were due.",
        },
        svg,
    }))
}

fn over_time(trial: &LoadTrial) -> Result<Option<Chart>, RenderError> {
    let lines = [
        line(trial, "p50", 0, |i| i.p50_us),
        line(trial, "p99", 1, |i| i.p99_us),
        line(trial, "max", 2, |i| i.max_us),
    ];
    let svg = timeline::draw(
        "over-time",
        "Response time over time",
        &lines,
        units::duration,
    )?;
    Ok(svg.map(|svg| Chart {
        name: "over-time",
        title: "Response time over time",
        caption: "Percentiles of each stretch of the measured time.",
        svg,
    }))
}

/// A line through the middles of the intervals that have the figure.
fn line(
    trial: &LoadTrial,
    label: &str,
    position: usize,
    figure: impl Fn(&Interval) -> Option<f64>,
) -> Line {
    let intervals = trial.measured.intervals.iter();
    Line {
        label: label.to_owned(),
        look: look(position),
        points: intervals
            .filter_map(|i| Some((i.at_s + i.duration_s / 2.0, figure(i)?)))
            .collect(),
    }
}
