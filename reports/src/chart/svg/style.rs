//! Styles of lines, areas and texts. All have the colour of the text around a chart or that of a
//! strategy; they differ in opacity.

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters_backend::BackendColor;

/// Plotters' pixels per pixel of the page. Plotters counts in whole pixels; a tenth of a pixel of
/// the page is finer than any screen.
pub(super) const FINE: i32 = 10;

/// Height of letters, in the page's pixels as `chart.css` has it and in plotters'.
pub(super) const TEXT_PX: f64 = 12.0;
pub(super) const TEXT_SIZE: i32 = TEXT_PX as i32 * FINE;
const HEADING_SIZE: i32 = 14 * FINE;

/// Estimates the width of a text with letters of a size, to keep room for it: an average character
/// of a sans-serif font has about 0.55 em. The reader's font is not known.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    0.55 * size * text.chars().count() as f64
}

/// Converts pixels of the page to plotters' pixels.
pub(super) fn fine(px: f64) -> i32 {
    (px * f64::from(FINE)).round() as i32
}

pub(crate) const GRID: ShapeStyle = line(0.13, 10);
pub(super) const AXIS: ShapeStyle = line(0.45, 10);
pub(crate) const MARK: ShapeStyle = line(1.0, 15);
pub(crate) const FAINT: ShapeStyle = line(0.45, 15);
pub(crate) const CURVE: ShapeStyle = line(1.0, 20);
pub(crate) const THIN: ShapeStyle = line(0.8, 12);
pub(crate) const BOUND: ShapeStyle = line(0.7, 15);
pub(crate) const RING: ShapeStyle = line(1.0, 20);

pub(crate) const FILL: ShapeStyle = area(0.85);
pub(crate) const HALF: ShapeStyle = area(0.5);
pub(crate) const BAND: ShapeStyle = area(0.1);

/// Invisible, and responds to the pointer.
pub(crate) const HIT: ShapeStyle = area(0.0);

/// A line with a width in plotters' pixels.
const fn line(opacity: f64, stroke_width: u32) -> ShapeStyle {
    ShapeStyle {
        color: RGBAColor(0, 0, 0, opacity),
        filled: false,
        stroke_width,
    }
}

pub(crate) const fn area(opacity: f64) -> ShapeStyle {
    ShapeStyle {
        filled: true,
        ..line(opacity, 0)
    }
}

/// The role of a text, which decides its size and opacity.
#[derive(Clone, Copy)]
pub(crate) enum TextRole {
    Heading,
    Plain,
    Quiet,
}

impl TextRole {
    /// Returns the text style, centred in height.
    pub(super) fn style(self, end: HPos) -> TextStyle<'static> {
        let (size, weight, opacity) = match self {
            TextRole::Heading => (HEADING_SIZE, FontStyle::Bold, 1.0),
            TextRole::Plain => (TEXT_SIZE, FontStyle::Normal, 1.0),
            TextRole::Quiet => (TEXT_SIZE, FontStyle::Normal, 0.72),
        };
        TextStyle {
            font: FontDesc::new(FontFamily::SansSerif, f64::from(size), weight),
            color: BackendColor {
                alpha: opacity,
                rgb: (0, 0, 0),
            },
            pos: Pos::new(end, VPos::Center),
        }
    }
}
