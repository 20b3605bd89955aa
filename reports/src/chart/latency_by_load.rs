//! Latency by offered load.

use super::highlight::{Highlight, pale_first};
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{
    Axis, BOUND, CURVE, Canvas, CurveEnd, Frame, PLANE_TOP, Plane, RING, heading, label_ends,
    room_for,
};
use crate::palette::SeriesStyle;
use crate::stats::{StrategySummary, Sweep, knee};
use crate::table::{Table, or_absent};
use crate::units;

/// Height of a plane, and from the lower end of one to the upper of the next, in pixels.
const HEIGHT: f64 = 220.0;
const GAP: f64 = 70.0;

/// Radius of the ring around a knee, in pixels.
const KNEE: f64 = 9.0;

/// Length of the dots of a bound, in pixels.
const DOT: u32 = 2;

/// A strategy over the loads of a sweep.
struct LoadCurve {
    style: SeriesStyle,
    label: String,
    mean_us: Vec<(u32, f64)>,
    p99_us: Vec<(u32, f64)>,
}

pub(super) static LATENCY_BY_LOAD: ChartInfo = ChartInfo {
    name: "sweep",
    title: "Latency by load",
    caption: "How response times grow with the offered load. The ring is the knee: the load at which the \
              rate divided by the mean response time is greatest, and beyond which waits grow faster \
              than the work done. The dotted lines are the times of the same requests in a common queue \
              (lower) and with a random split (upper).",
    set_by: None,
    draw: Draw::Sweep(draw),
};

fn draw(sweep: &Sweep) -> Drawn {
    let series = series(sweep);
    Ok(Some(Drawing {
        svg: drawn(sweep, &series),
        table: table(sweep, &series),
    }))
}

fn series(sweep: &Sweep) -> Vec<LoadCurve> {
    let Some((_, first)) = sweep.points.first() else {
        return Vec::new();
    };
    let highlight = Highlight::of(sweep.points.last().map_or(first, |(_, highest)| highest));
    let strategies = first.strategies.iter().enumerate();
    let all = strategies.map(|(row, strategy)| {
        let points = |figure: &dyn Fn(&StrategySummary) -> Option<f64>| {
            let points = sweep.points.iter();
            let known =
                points.filter_map(|(load, s)| Some((*load, figure(s.strategies.get(row)?)?)));
            known.collect::<Vec<_>>()
        };
        LoadCurve {
            style: highlight.style(strategy),
            label: strategy.strategy.to_owned(),
            mean_us: points(&|s| s.mean_latency_us()),
            p99_us: points(&|s| Some(s.figures.as_ref()?.latency_p99_us?.mean)),
        }
    });
    all.filter(|series| !series.mean_us.is_empty()).collect()
}

/// Returns the bounds of theory at each load, for the fleet with the most workers: a common queue and
/// a random split.
fn bounds(sweep: &Sweep) -> [Vec<(u32, f64)>; 2] {
    let mut bounds = [Vec::new(), Vec::new()];
    for (load, summary) in &sweep.points {
        let workers = |s: &StrategySummary| s.used.first().map(|m| m.per_worker.len());
        let strategies = summary.strategies.iter();
        let known = strategies.filter_map(|s| Some((workers(s), s.mean_bounds_us()?)));
        let both = known.max_by_key(|(workers, _)| *workers);
        let both = both.into_iter().flat_map(|(_, us)| us);
        for (bound, us) in bounds.iter_mut().zip(both) {
            bound.push((*load, us));
        }
    }
    bounds
}

fn drawn(sweep: &Sweep, series: &[LoadCurve]) -> String {
    let what = format!(
        "Line charts: latency of each strategy by load in {}",
        sweep.name
    );
    let room = room_for(series.iter().map(|s| (s.style, s.label.as_str())));
    let first = Frame::wide(PLANE_TOP, HEIGHT, room);
    let second = Frame::wide(first.bottom + GAP, HEIGHT, room);
    let canvas = Canvas::new(&what, second.bottom + 44.0);
    canvas.heading(
        &heading(LATENCY_BY_LOAD.title, sweep.name),
        "ring: knee · dotted: common queue and random split",
    );
    canvas.pale_count(series.iter().map(|s| s.style));
    let bounds = bounds(sweep);
    let mean = |s: &LoadCurve| s.mean_us.clone();
    let title = "mean response time";
    let plane = panel(&canvas, first, title, series, mean, &bounds.concat());
    for bound in &bounds {
        let points = bound.iter().map(|(load, us)| (f64::from(*load), *us));
        plane.curve(BOUND, points.collect(), Some(DOT));
    }
    let p99 = |s: &LoadCurve| s.p99_us.clone();
    panel(&canvas, second, "99th percentile", series, p99, &[]);
    canvas.finish()
}

/// Draws the curves of a figure; the axis also has room for `others`.
fn panel(
    canvas: &Canvas,
    frame: Frame,
    title: &str,
    series: &[LoadCurve],
    figures: fn(&LoadCurve) -> Vec<(u32, f64)>,
    others: &[(u32, f64)],
) -> Plane {
    let own = series.iter().flat_map(figures);
    let all: Vec<_> = own.chain(others.iter().copied()).collect();
    let y = Axis::latency(all.iter().map(|p| p.1)).titled(format!("{title} (logarithmic)"));
    let plane = Plane::new(canvas, frame, load_axis(&all), y);
    for one in pale_first(series, |one| one.style) {
        canvas.series(one.style, || draw_curve(&plane, one, &figures(one)));
    }
    let ends = series.iter().map(|one| CurveEnd {
        style: one.style,
        label: one.label.clone(),
        at: figures(one)
            .last()
            .map(|(load, us)| (f64::from(*load), *us)),
    });
    label_ends(canvas, frame, &plane, ends.collect());
    plane
}

fn draw_curve(plane: &Plane, series: &LoadCurve, points: &[(u32, f64)]) {
    let (style, knee) = (series.style, knee(&series.mean_us));
    let places = points.iter().map(|(load, us)| (f64::from(*load), *us));
    if style.pale {
        return plane.pale(places.collect(), style, &series.label);
    }
    plane.curve(CURVE, places.collect(), style.dash);
    for (load, us) in points {
        let at = (f64::from(*load), *us);
        plane.marker(at, style);
        let is_knee = knee == Some(*load);
        if is_knee {
            plane.dot(RING, at, KNEE, "");
        }
        let knee = if is_knee { ", the knee" } else { "" };
        let us = units::duration(*us);
        plane.hit(at, &format!("{}: {us} at {load}% load{knee}", series.label));
    }
}

fn load_axis(points: &[(u32, f64)]) -> Axis {
    let mut loads: Vec<u32> = points.iter().map(|point| point.0).collect();
    loads.sort_unstable();
    loads.dedup();
    let end = loads.last().map_or(100, |last| (*last).max(100));
    let named = loads
        .iter()
        .map(|load| (f64::from(*load), load.to_string()));
    Axis::linear(0.0..f64::from(end))
        .naming(named)
        .titled("offered load, % of the capacity of the workers")
}

fn table(sweep: &Sweep, series: &[LoadCurve]) -> Table {
    let mut head = vec!["strategy".to_owned(), "knee".into()];
    let loads = sweep.points.iter().map(|(load, _)| load);
    head.extend(loads.map(|load| format!("p99 at {load}%")));
    let mut table = Table::with_head(head);
    for one in series {
        let knee = or_absent(knee(&one.mean_us), |load| load.to_string());
        let p99 = sweep.points.iter().map(|(load, _)| {
            let point = one.p99_us.iter().find(|point| point.0 == *load);
            or_absent(point, |(_, us)| units::duration(*us))
        });
        table.push([one.label.clone(), knee].into_iter().chain(p99));
    }
    table
}
