//! Figures over the measured time, as lines in a plane.

use super::highlight::pale_first;
use super::svg::{Axis, Canvas, CurveEnd, Frame, Plane, THIN, label_ends};
use crate::palette::SeriesStyle;
use crate::units;

/// A figure over time.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) style: SeriesStyle,
    pub(super) points: Vec<TimePoint>,
}

/// A figure at a time.
pub(super) struct TimePoint {
    /// Seconds since the measured time began.
    pub(super) at_s: f64,
    pub(super) value: f64,
}

/// The vertical axis of a plane.
#[derive(Clone, Copy)]
pub(super) enum Scale {
    /// Counts, from zero.
    Count,
    /// Microseconds, logarithmic.
    Latency,
}

/// Draws lines into a plane; the time axis ends at `end_s` seconds.
pub(super) fn draw(
    canvas: &Canvas,
    frame: Frame,
    title: &str,
    lines: &[Line],
    (scale, end_s): (Scale, f64),
) {
    let points = || lines.iter().flat_map(|line| &line.points);
    let values = || points().map(|point| point.value);
    let y = match scale {
        Scale::Latency => Axis::latency(values()).titled(format!("{title} (logarithmic)")),
        Scale::Count => Axis::from_zero(values().fold(0.0, f64::max), units::tick).titled(title),
    };
    let plane = Plane::new(canvas, frame, time_axis(end_s), y);
    for line in pale_first(lines, |line| line.style) {
        canvas.series(line.style, || drawn(&plane, line, scale));
    }
    let ends = lines.iter().map(|line| CurveEnd {
        style: line.style,
        label: line.label.clone(),
        at: line.points.last().map(|point| (point.at_s, point.value)),
    });
    label_ends(canvas, frame, &plane, ends.collect());
}

fn drawn(plane: &Plane, line: &Line, scale: Scale) {
    let places = line.points.iter().map(|point| (point.at_s, point.value));
    if line.style.pale {
        return plane.pale(places.collect(), line.style, &line.label);
    }
    plane.curve(THIN, places.collect(), line.style.dash);
    for TimePoint { at_s, value } in &line.points {
        let figure = match scale {
            Scale::Latency => units::duration(*value),
            Scale::Count => units::count(*value),
        };
        let tip = format!("{}: {figure} at {at_s:.2} s", line.label);
        plane.hit((*at_s, *value), &tip);
    }
}

/// A time axis from zero to the end of the measured time, seconds.
pub(super) fn time_axis(end_s: f64) -> Axis {
    let rounded = Axis::from_zero(end_s, units::seconds).titled("measured time");
    rounded.ending(end_s)
}
