//! Figures over the measured time, as lines in a plane.

use super::emphasis::pale_first;
use super::svg::{Axis, Canvas, Frame, Plane, THIN};
use crate::palette::Look;
use crate::units;

/// A figure over time.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) look: Look,
    pub(super) points: Vec<Moment>,
}

/// A figure at a time.
pub(super) struct Moment {
    /// Seconds since the measured time began.
    pub(super) at_s: f64,
    pub(super) value: f64,
}

/// How the figures of a plane are shown.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Something that is counted, from zero.
    Count,
    /// Microseconds, by their logarithm.
    Latency,
}

/// Draws lines into a plane; time goes as far as `end_s` seconds.
pub(super) fn draw(
    canvas: &Canvas,
    frame: Frame,
    title: &str,
    lines: &[Line],
    (kind, end_s): (Kind, f64),
) {
    let points = || lines.iter().flat_map(|line| &line.points);
    let values = || points().map(|point| point.value);
    let y = match kind {
        Kind::Latency => Axis::latency(values()).titled(format!("{title} (logarithmic)")),
        Kind::Count => Axis::from_zero(values().fold(0.0, f64::max), units::tick).titled(title),
    };
    let plane = Plane::new(canvas, frame, time_axis(end_s), y);
    for line in pale_first(lines, |line| line.look) {
        canvas.series(line.look, || drawn(&plane, line, kind));
    }
}

fn drawn(plane: &Plane, line: &Line, kind: Kind) {
    let places = line.points.iter().map(|point| (point.at_s, point.value));
    if line.look.pale {
        return plane.pale(places.collect(), line.look, &line.label);
    }
    plane.curve(THIN, places.collect(), line.look.dash);
    for Moment { at_s, value } in &line.points {
        let said = match kind {
            Kind::Latency => units::duration(*value),
            Kind::Count => units::count(*value),
        };
        let tip = format!("{}: {said} at {at_s:.2} s", line.label);
        plane.hit((*at_s, *value), &tip);
    }
}

/// From zero to the end of the measured time, seconds.
pub(super) fn time_axis(end_s: f64) -> Axis {
    let rounded = Axis::from_zero(end_s, units::seconds).titled("measured time");
    rounded.ending(end_s)
}
