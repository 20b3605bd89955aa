//! A drawing under way.

use std::fmt::{self, Display, Write};

use super::escape;
use crate::palette::{self, Look, Marker};

/// Width of every chart in pixels; pages scale it to the room there is.
pub(in crate::chart) const WIDTH: f64 = 720.0;

/// Width of an average character of a label in pixels, to keep room for it: sans-serif fonts have
/// about 0.55 em per character, and labels are 12 pixels high.
pub(super) const CHAR_WIDTH: f64 = 6.6;

/// From the middle of a line of text down to its baseline: about a third of its 12 pixels.
const BASELINE: f64 = 4.0;

/// Half the size of a strategy's sign.
const RADIUS: f64 = 4.0;

/// Half the size of the field around a point that answers to the pointer.
const HIT_RADIUS: f64 = 7.0;

/// A place in the drawing, pixels from the upper left corner.
pub(in crate::chart) type Point = (f64, f64);

/// Which end of a text stands at its place.
#[derive(Clone, Copy)]
pub(in crate::chart) enum Anchor {
    Start,
    Middle,
    End,
}

impl Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        })
    }
}

/// Pixels as they are written: a tenth of one is finer than any screen.
struct Px(f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        write!(f, "{tenths}")
    }
}

/// A drawing under way.
pub(in crate::chart) struct Canvas {
    out: String,
}

impl Canvas {
    /// Begins a drawing; `what` says in a sentence what is on it, for those who cannot see it.
    pub(in crate::chart) fn new(what: &str, height: f64) -> Canvas {
        let what = escape(what);
        let (width, height_px) = (Px(WIDTH), Px(height));
        Canvas {
            out: format!(
                "<svg class=\"chart\" role=\"group\" aria-roledescription=\"chart\" \
                 aria-label=\"{what}\" width=\"{width}\" height=\"{height_px}\" \
                 viewBox=\"0 0 {width} {height_px}\" xmlns=\"http://www.w3.org/2000/svg\">\n"
            ),
        }
    }

    pub(in crate::chart) fn finish(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }

    /// The two lines above a chart: what it shows, and how to read it.
    pub(in crate::chart) fn heading(&mut self, heading: &str, key: &str) {
        self.text("heading", (8.0, 14.0), Anchor::Start, heading);
        self.text("quiet", (8.0, 34.0), Anchor::Start, key);
    }

    /// What belongs to the strategy at a position in the plan, in its colour.
    pub(in crate::chart) fn series(&mut self, position: usize, draw: impl FnOnce(&mut Canvas)) {
        let color = palette::css(palette::look(position).color);
        self.push(format_args!(
            "<g data-series=\"{position}\" color=\"{color}\">\n"
        ));
        draw(self);
        self.out.push_str("</g>\n");
    }

    /// Words that belong to the strategy at a position in the plan, in the colour of all text:
    /// some colours are too light to read.
    pub(in crate::chart) fn label(
        &mut self,
        position: usize,
        at: Point,
        anchor: Anchor,
        text: &str,
    ) {
        self.push(format_args!("<g data-series=\"{position}\">\n"));
        self.text("", at, anchor, text);
        self.out.push_str("</g>\n");
    }

    pub(in crate::chart) fn line(&mut self, class: &str, from: Point, to: Point) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(Px);
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n"
        ));
    }

    /// A rectangle between two corners; `tip` is the figure that it stands for, if any.
    pub(in crate::chart) fn rect(&mut self, class: &str, from: Point, to: Point, tip: &str) {
        let (x, y) = (Px(from.0.min(to.0)), Px(from.1.min(to.1)));
        let (width, height) = (Px((to.0 - from.0).abs()), Px((to.1 - from.1).abs()));
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        ));
        self.close("rect", tip);
    }

    /// Lines through points in the look of a strategy.
    pub(in crate::chart) fn curve(&mut self, class: &str, points: &[Point], look: Look) {
        let dash = look.dash.map_or(String::new(), |dash| {
            format!(" stroke-dasharray=\"{dash} 4\"")
        });
        let points = points_text(points);
        self.push(format_args!(
            "<polyline class=\"{class}\"{dash} points=\"{points}\"/>\n"
        ));
    }

    /// A filled outline.
    pub(in crate::chart) fn area(&mut self, class: &str, outline: &[Point], tip: &str) {
        let points = points_text(outline);
        self.push(format_args!(
            "<polygon class=\"{class}\" points=\"{points}\""
        ));
        self.close("polygon", tip);
    }

    /// Many cells of one strength as one element.
    pub(in crate::chart) fn cells(&mut self, opacity: f64, corners: &[(Point, Point)]) {
        let mut path = String::new();
        for ((x, y), (right, bottom)) in corners {
            let (x, y, width, height) = (Px(*x), Px(*y), Px(right - x), Px(bottom - y));
            write!(path, "M{x} {y}h{width}v{height}h-{width}z").expect("a String takes all text");
        }
        self.push(format_args!(
            "<path fill=\"currentColor\" fill-opacity=\"{opacity:.2}\" d=\"{path}\"/>\n"
        ));
    }

    /// A small disc.
    pub(in crate::chart) fn dot(&mut self, class: &str, at: Point, radius: f64, tip: &str) {
        let (x, y, r) = (Px(at.0), Px(at.1), Px(radius));
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\""
        ));
        self.close("circle", tip);
    }

    /// The field around a point of a curve that tells its figure.
    pub(in crate::chart) fn hit(&mut self, at: Point, tip: &str) {
        self.dot("hit", at, HIT_RADIUS, tip);
    }

    /// The sign of a strategy.
    pub(in crate::chart) fn marker(&mut self, at: Point, look: Look) {
        let (x, y, r) = (at.0, at.1, RADIUS);
        match look.marker {
            Marker::Disc => self.dot("fill", at, r, ""),
            Marker::Ring => self.dot("ring", at, r, ""),
            Marker::Square => self.rect("fill", (x - r, y - r), (x + r, y + r), ""),
            Marker::Triangle => {
                let tips = [(x, y - r - 1.0), (x + r + 1.0, y + r), (x - r - 1.0, y + r)];
                self.area("fill", &tips, "");
            }
            Marker::Cross => {
                self.line("mark", (x - r, y - r), (x + r, y + r));
                self.line("mark", (x - r, y + r), (x + r, y - r));
            }
        }
    }

    /// Text beside a point, centred in height.
    pub(in crate::chart) fn text(&mut self, class: &str, at: Point, anchor: Anchor, text: &str) {
        let (x, y) = (Px(at.0), Px(at.1 + BASELINE));
        let text = escape(text);
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>\n"
        ));
    }

    fn close(&mut self, name: &str, tip: &str) {
        if tip.is_empty() {
            self.out.push_str("/>\n");
        } else {
            let tip = escape(tip);
            self.push(format_args!("><title>{tip}</title></{name}>\n"));
        }
    }

    fn push(&mut self, text: fmt::Arguments) {
        self.out.write_fmt(text).expect("a String takes all text");
    }
}

fn points_text(points: &[Point]) -> String {
    let points = points.iter().map(|(x, y)| format!("{},{}", Px(*x), Px(*y)));
    points.collect::<Vec<_>>().join(" ")
}
