//! Figures over the measured time, as lines in a plane.

use super::svg::{Axis, Canvas, Frame, Point, Scale, latency_axis, linear_ticks, plane};
use crate::palette::look;
use crate::units;

/// A figure over time.
pub(super) struct Line {
    pub(super) label: String,
    /// Gives the line its look.
    pub(super) position: usize,
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
    canvas: &mut Canvas,
    frame: Frame,
    title: &str,
    lines: &[Line],
    (kind, end_s): (Kind, f64),
) {
    let x = time_axis(end_s, frame.x());
    let values = || {
        lines
            .iter()
            .flat_map(|line| &line.points)
            .map(|point| point.value)
    };
    let y = match kind {
        Kind::Latency => latency_axis(values(), frame.y(), &format!("{title} (logarithmic)")),
        Kind::Count => count_axis(values().fold(0.0, f64::max), frame.y(), title),
    };
    plane(canvas, frame, &x, &y);
    for line in lines {
        let place = |point: &Moment| (x.scale.at(point.at_s), y.scale.at(point.value));
        canvas.series(line.position, |canvas| {
            let places: Vec<Point> = line.points.iter().map(place).collect();
            canvas.curve("curve thin", &places, look(line.position));
            for (point, at) in line.points.iter().zip(places) {
                let value = match kind {
                    Kind::Latency => units::duration(point.value),
                    Kind::Count => units::count(point.value),
                };
                canvas.hit(
                    at,
                    &format!("{}: {value} at {:.2} s", line.label, point.at_s),
                );
            }
        });
    }
}

/// From zero to the end of the measured time, seconds.
pub(super) fn time_axis(end_s: f64, pixels: (f64, f64)) -> Axis {
    let ticks = linear_ticks(end_s)
        .into_iter()
        .filter(|s| *s <= end_s * 1.001);
    Axis {
        scale: Scale::linear((0.0, end_s), pixels),
        ticks: ticks.map(|s| (s, units::seconds(s))).collect(),
        title: "measured time".into(),
    }
}

fn count_axis(max: f64, pixels: (f64, f64), title: &str) -> Axis {
    let ticks = linear_ticks(max);
    Axis {
        scale: Scale::linear((0.0, ticks[ticks.len() - 1]), pixels),
        ticks: ticks.into_iter().map(|v| (v, units::tick(v))).collect(),
        title: title.to_owned(),
    }
}
