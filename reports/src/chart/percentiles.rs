//! Response time by percentile, all strategies in one plane.

use super::highlight::{Highlight, pale_first};
use super::histograms::merged;
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{
    Axis, CURVE, Canvas, CurveEnd, Frame, PLANE_TOP, Plane, heading, label_ends, room_for,
    row_label,
};
use crate::palette::SeriesStyle;
use crate::record::LoopKind;
use crate::stats::{PercentileCurve, ScenarioSummary, nines};
use crate::table::{Table, or_absent};
use crate::units;

/// Height of the plane in pixels.
const HEIGHT: f64 = 300.0;

/// Points of a curve with the strategy's marker: very nearly the median, then 90%, 99% …
const MARKED_POINTS: [usize; 7] = [6, 20, 40, 60, 80, 100, 120];

/// Every second point shows its figure on hover.
const HOVER_STEP: usize = 2;

/// Far less than the distance of two points, and more than a rounding error.
const ROUNDING: f64 = 1e-6;

/// Percentiles in the table.
const LISTED: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999];

/// A curve with its name and style.
pub(super) struct LabelledCurve {
    pub(super) label: String,
    pub(super) style: SeriesStyle,
    pub(super) curve: PercentileCurve,
}

pub(super) static LATENCY: ChartInfo = ChartInfo {
    name: "latency",
    title: "Latency by percentile",
    caption: "How long the slowest answers took: at 99%, one answer in a hundred took longer than the \
              curve shows. Each step to the right is a tenth of the answers before it; lower is \
              better. All blocks together. A curve ends where fewer than ten answers lie beyond: \
              further points would be chance.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let merged = merged(summary)?;
    let highlight = Highlight::of(summary);
    let curves = merged.iter().filter_map(|(strategy, histogram)| {
        Some(LabelledCurve {
            label: row_label(strategy),
            style: highlight.style(strategy),
            curve: PercentileCurve::of(histogram)?,
        })
    });
    let curves: Vec<LabelledCurve> = curves.collect();
    let name = &summary.scenario.name;
    let description = format!("Line chart: latency by percentile of each strategy under {name}");
    let heading = heading(LATENCY.title, name);
    let key = key(summary.scenario.loop_kind);
    Ok((!curves.is_empty()).then(|| Drawing {
        svg: drawing(&curves, &description, &heading, key),
        table: table(&curves),
    }))
}

/// Returns how the times were measured, for the line below the heading.
pub(super) fn key(kind: LoopKind) -> &'static str {
    match kind {
        LoopKind::Closed => "closed loop: from sending to answer, and no request is sent meanwhile",
        LoopKind::Open => "open loop: from the intended time of the request to its answer",
    }
}

/// Draws the curves; `description` is for readers who cannot see them.
pub(super) fn drawing(
    curves: &[LabelledCurve],
    description: &str,
    heading: &str,
    key: &str,
) -> String {
    let labels = curves.iter().map(|s| (s.style, s.label.as_str()));
    let frame = Frame::wide(PLANE_TOP, HEIGHT, room_for(labels));
    let canvas = Canvas::new(description, frame.bottom + 44.0);
    canvas.heading(heading, key);
    canvas.pale_count(curves.iter().map(|s| s.style));
    let points = curves.iter().flat_map(|s| &s.curve.points);
    let y = Axis::latency(points.map(|point| point.1)).titled("latency (logarithmic)");
    let plane = Plane::new(&canvas, frame, percentile_axis(curves), y);
    for one in pale_first(curves, |one| one.style) {
        canvas.series(one.style, || draw_curve(&plane, one));
    }
    let ends = curves.iter().map(|curve| CurveEnd {
        style: curve.style,
        label: curve.label.clone(),
        at: curve.curve.points.last().copied(),
    });
    label_ends(&canvas, frame, &plane, ends.collect());
    canvas.finish()
}

fn draw_curve(plane: &Plane, curve: &LabelledCurve) {
    let (style, points) = (curve.style, &curve.curve.points);
    if style.pale {
        return plane.pale(points.clone(), style, &whole(curve));
    }
    plane.curve(CURVE, points.clone(), style.dash);
    for at in MARKED_POINTS.iter().filter_map(|index| points.get(*index)) {
        plane.marker(*at, style);
    }
    for (nines, us) in points.iter().step_by(HOVER_STEP) {
        let (percentile, time) = (percentile_label(*nines), units::duration(*us));
        let tip = format!("{}: {time} at {percentile}", curve.label);
        plane.hit((*nines, *us), &tip);
    }
}

/// Returns all figures of a curve, for one whose points show none.
fn whole(curve: &LabelledCurve) -> String {
    let listed = LISTED.map(nines).into_iter();
    let times = listed.filter_map(|nines| {
        let us = point(&curve.curve, nines)?;
        let (percentile, time) = (percentile_label(nines), units::duration(us));
        Some(format!("{time} at {percentile}"))
    });
    let times: Vec<String> = times.collect();
    format!("{}: {}", curve.label, times.join(", "))
}

/// An axis with the median and as many nines as the curves have.
fn percentile_axis(curves: &[LabelledCurve]) -> Axis {
    let ends = curves.iter().filter_map(|s| s.curve.points.last());
    let end = ends.map(|point| point.0).fold(1.0, f64::max);
    let whole = (1..=end.floor() as u32).map(f64::from);
    let ticks = [nines(0.5)].into_iter().chain(whole);
    Axis::linear(0.0..end + 0.05)
        .naming(ticks.map(|n| (n, percentile_label(n))))
        .titled("percentile of answers")
}

fn percentile_label(nines: f64) -> String {
    // Enough decimals to distinguish it from the next nine; 3 nines are a little less than 3.
    let decimals = ((nines - ROUNDING).ceil() as usize).saturating_sub(2);
    format!("{:.decimals$}%", 100.0 * (1.0 - 10f64.powf(-nines)))
}

pub(super) fn table(curves: &[LabelledCurve]) -> Table {
    let ends = curves.iter().filter_map(|s| s.curve.points.last());
    let end = ends.map(|point| point.0).fold(0.0, f64::max);
    let mut listed = LISTED.map(nines).to_vec();
    listed.retain(|nines| *nines <= end + ROUNDING);
    let mut head = vec!["strategy".to_owned()];
    head.extend(listed.iter().map(|nines| percentile_label(*nines)));
    head.push("answers".into());
    let mut table = Table::with_head(head);
    for curve in curves {
        let time = |nines: &f64| or_absent(point(&curve.curve, *nines), units::duration);
        let times = listed.iter().map(time);
        let mut row = vec![curve.label.clone()];
        row.extend(times);
        row.push(units::whole(curve.curve.samples));
        table.push(row);
    }
    table
}

/// Returns the time at a number of nines, microseconds; `None` beyond the end of the curve.
fn point(curve: &PercentileCurve, wanted: f64) -> Option<f64> {
    let mut points = curve.points.iter();
    Some(points.find(|(nines, _)| *nines >= wanted - ROUNDING)?.1)
}
