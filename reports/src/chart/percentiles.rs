//! Response time by percentile, all strategies in one plane.

use super::emphasis::{Emphasis, pale_first};
use super::svg::{Axis, CURVE, Canvas, Frame, Plane, row_label};
use super::{ABSENT, Chart, Table, heading, merged};
use crate::error::RenderError;
use crate::palette::Look;
use crate::record::LoopKind;
use crate::stats::{PercentileCurve, ScenarioSummary, nines};
use crate::units;

/// Height of the plane in pixels.
const HEIGHT: f64 = 300.0;

/// Points of a curve that carry the strategy's sign: very nearly the median, then 90%, 99% …
const SIGNED_POINTS: [usize; 7] = [6, 20, 40, 60, 80, 100, 120];

/// Every so many points, one tells its figure.
const TELLING: usize = 2;

/// Far less than the distance of two points, and more than an error of rounding.
const ROUNDING: f64 = 1e-6;

/// Percentiles that the table lists.
const LISTED: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999];

/// A curve with its name and look.
pub(super) struct Series {
    pub(super) label: String,
    pub(super) look: Look,
    pub(super) curve: PercentileCurve,
}

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let merged = merged(summary)?;
    let emphasis = Emphasis::of(summary);
    let series = merged.iter().filter_map(|(strategy, histogram)| {
        Some(Series {
            label: row_label(strategy),
            look: emphasis.look(strategy),
            curve: PercentileCurve::of(histogram)?,
        })
    });
    let series: Vec<Series> = series.collect();
    if series.is_empty() {
        return Ok(None);
    }
    let name = &summary.scenario.name;
    let what = format!("Line chart: latency by percentile of each strategy under {name}");
    let heading = heading("Latency by percentile", summary);
    Ok(Some(Chart {
        name: "latency",
        title: "Latency by percentile",
        caption: "How long the slowest answers took: at 99%, one answer in a hundred took \
                  longer than the curve says. Each step to the right is a tenth of the answers \
                  before it; lower is better. All blocks together. A curve ends where fewer \
                  than ten answers lie beyond, for what comes after is luck.",
        svg: drawing(&series, &what, &heading, key(summary.scenario.loop_kind)),
        table: table(&series),
    }))
}

/// How the times came about, for the line below the heading.
pub(super) fn key(kind: LoopKind) -> &'static str {
    match kind {
        LoopKind::Closed => "closed loop: from sending to answer, and no request is sent meanwhile",
        LoopKind::Open => "open loop: from the intended time of the request to its answer",
    }
}

/// The curves as SVG; `what` says in a sentence what is on it.
pub(super) fn drawing(series: &[Series], what: &str, heading: &str, key: &str) -> String {
    let labels: Vec<_> = series.iter().map(|s| (s.look, s.label.clone())).collect();
    let frame = Frame::wide(Canvas::below_legend(&labels), HEIGHT);
    let canvas = Canvas::new(what, frame.bottom + 44.0);
    canvas.heading(heading, key);
    canvas.legend(&labels);
    let points = series.iter().flat_map(|s| &s.curve.points);
    let y = Axis::latency(points.map(|point| point.1)).titled("latency (logarithmic)");
    let plane = Plane::new(&canvas, frame, percentile_axis(series), y);
    for one in pale_first(series, |one| one.look) {
        canvas.series(one.look, || draw_curve(&plane, one));
    }
    canvas.finish()
}

fn draw_curve(plane: &Plane, series: &Series) {
    let (look, points) = (series.look, &series.curve.points);
    if look.pale {
        return plane.pale(points.clone(), look, &whole(series));
    }
    plane.curve(CURVE, points.clone(), look.dash);
    for at in SIGNED_POINTS.iter().filter_map(|index| points.get(*index)) {
        plane.sign(*at, look);
    }
    for (nines, us) in points.iter().step_by(TELLING) {
        let (percentile, time) = (percentile_label(*nines), units::duration(*us));
        let tip = format!("{}: {time} at {percentile}", series.label);
        plane.hit((*nines, *us), &tip);
    }
}

/// What a curve that has no room for more says of itself.
fn whole(series: &Series) -> String {
    let listed = LISTED.map(nines).into_iter();
    let said = listed.filter_map(|nines| {
        let us = point(&series.curve, nines)?;
        let (percentile, time) = (percentile_label(nines), units::duration(us));
        Some(format!("{time} at {percentile}"))
    });
    let said: Vec<String> = said.collect();
    format!("{}: {}", series.label, said.join(", "))
}

/// Half, and then as many nines as the curves have.
fn percentile_axis(series: &[Series]) -> Axis {
    let ends = series.iter().filter_map(|s| s.curve.points.last());
    let end = ends.map(|point| point.0).fold(1.0, f64::max);
    let whole = (1..=end.floor() as u32).map(f64::from);
    let ticks = [nines(0.5)].into_iter().chain(whole);
    Axis::linear(0.0..end + 0.05)
        .naming(ticks.map(|n| (n, percentile_label(n))))
        .titled("percentile of answers")
}

fn percentile_label(nines: f64) -> String {
    // As many decimals as tell it from the next nine; 3 nines are a little less than 3.
    let decimals = ((nines - ROUNDING).ceil() as usize).saturating_sub(2);
    format!("{:.decimals$}%", 100.0 * (1.0 - 10f64.powf(-nines)))
}

/// The same as figures.
pub(super) fn table(series: &[Series]) -> Table {
    let ends = series.iter().filter_map(|s| s.curve.points.last());
    let end = ends.map(|point| point.0).fold(0.0, f64::max);
    let listed: Vec<f64> = LISTED
        .map(nines)
        .into_iter()
        .filter(|n| *n <= end + ROUNDING)
        .collect();
    let mut head = vec!["strategy".to_owned()];
    head.extend(listed.iter().map(|nines| percentile_label(*nines)));
    head.push("answers".into());
    let rows = series.iter().map(|series| {
        let mut row = vec![series.label.clone()];
        row.extend(listed.iter().map(|nines| at(&series.curve, *nines)));
        row.push(units::whole(series.curve.samples));
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}

/// What a curve says at a number of nines; nothing beyond its end.
fn at(curve: &PercentileCurve, wanted: f64) -> String {
    point(curve, wanted).map_or(ABSENT.to_owned(), units::duration)
}

fn point(curve: &PercentileCurve, wanted: f64) -> Option<f64> {
    let mut points = curve.points.iter();
    Some(points.find(|(nines, _)| *nines >= wanted - ROUNDING)?.1)
}
