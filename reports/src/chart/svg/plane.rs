//! A plane with two axes, and the legend above it.

use super::canvas::{Anchor, CHAR_WIDTH, Canvas, Point, WIDTH};
use super::scale::{Scale, decades};
use crate::palette::look;

/// Where the legend begins, how high a line of it is, and how much a sign takes in it.
const LEGEND_TOP: f64 = 60.0;
const LEGEND_LINE: f64 = 19.0;
const SIGN_WIDTH: f64 = 52.0;

/// An axis: its scale, ticks with what they say, and what it shows.
pub(in crate::chart) struct Axis {
    pub(in crate::chart) scale: Scale,
    pub(in crate::chart) ticks: Vec<(f64, String)>,
    pub(in crate::chart) title: String,
}

/// The room of a plane.
#[derive(Clone, Copy)]
pub(in crate::chart) struct Frame {
    pub(in crate::chart) left: f64,
    pub(in crate::chart) right: f64,
    pub(in crate::chart) top: f64,
    pub(in crate::chart) bottom: f64,
}

impl Frame {
    /// The whole width, with room for the labels of a vertical axis.
    pub(in crate::chart) fn wide(top: f64, height: f64) -> Frame {
        Frame {
            left: 66.0,
            right: WIDTH - 16.0,
            top,
            bottom: top + height,
        }
    }

    pub(in crate::chart) fn x(&self) -> (f64, f64) {
        (self.left, self.right)
    }

    /// From below to above.
    pub(in crate::chart) fn y(&self) -> (f64, f64) {
        (self.bottom, self.top)
    }
}

/// Draws grid, axes, ticks and their labels.
pub(in crate::chart) fn plane(canvas: &mut Canvas, frame: Frame, x: &Axis, y: &Axis) {
    let Frame {
        left,
        right,
        top,
        bottom,
    } = frame;
    for (value, text) in &y.ticks {
        let at = y.scale.at(*value);
        canvas.line("grid", (left, at), (right, at));
        canvas.text("quiet", (left - 8.0, at), Anchor::End, text);
    }
    for (value, text) in &x.ticks {
        let at = x.scale.at(*value);
        canvas.line("grid", (at, top), (at, bottom));
        canvas.text("quiet", (at, bottom + 14.0), Anchor::Middle, text);
    }
    canvas.line("axis", (left, bottom), (right, bottom));
    canvas.text("quiet", (right, bottom + 32.0), Anchor::End, &x.title);
    canvas.text("quiet", (8.0, top - 17.0), Anchor::Start, &y.title);
}

/// A logarithmic axis of microseconds that encloses some of them.
pub(in crate::chart) fn latency_axis(
    values: impl Iterator<Item = f64>,
    pixels: (f64, f64),
    title: &str,
) -> Axis {
    let positive = values.filter(|us| us.is_finite() && *us > 0.0);
    let (min, max) = positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), us| {
        (low.min(us), high.max(us))
    });
    let (min, max) = if max > 0.0 { (min, max) } else { (1.0, 1.0) };
    let ticks = decades(min, max);
    Axis {
        scale: Scale::logarithmic((ticks[0], ticks[ticks.len() - 1]), pixels),
        ticks: ticks
            .into_iter()
            .map(|us| (us, round_duration(us)))
            .collect(),
        title: title.to_owned(),
    }
}

/// A tick of a logarithmic axis, microseconds: `500 ns`, `20 µs`.
pub(in crate::chart) fn round_duration(us: f64) -> String {
    // The bounds lie below the powers of ten, which are not exact.
    let (value, unit) = match us {
        us if us < 0.999 => (us * 1e3, "ns"),
        us if us < 999.0 => (us, "µs"),
        us if us < 999_000.0 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    format!("{value:.0} {unit}")
}

impl Canvas {
    /// Where the plane begins under a legend of these labels.
    pub(in crate::chart) fn below_legend(labels: &[(usize, String)]) -> f64 {
        let lines = places(labels)
            .last()
            .map_or(0.0, |place| place.1 - LEGEND_TOP + LEGEND_LINE);
        LEGEND_TOP + lines + 22.0
    }

    /// Signs and labels of strategies (by their positions) above the plane, where they cover no data.
    pub(in crate::chart) fn legend(&mut self, labels: &[(usize, String)]) {
        for ((position, label), (x, y)) in labels.iter().zip(places(labels)) {
            let look = look(*position);
            self.series(*position, |canvas| {
                canvas.curve("curve", &[(x, y), (x + 26.0, y)], look);
                canvas.marker((x + 13.0, y), look);
            });
            self.label(*position, (x + 34.0, y), Anchor::Start, label);
        }
    }
}

/// The places of labels of a legend, line by line.
fn places(labels: &[(usize, String)]) -> Vec<Point> {
    let (mut x, mut y) = (8.0, LEGEND_TOP);
    let mut places = Vec::with_capacity(labels.len());
    for (_, label) in labels {
        let width = SIGN_WIDTH + label.chars().count() as f64 * CHAR_WIDTH;
        if x > 8.0 && x + width > WIDTH {
            (x, y) = (8.0, y + LEGEND_LINE);
        }
        places.push((x, y));
        x += width;
    }
    places
}
