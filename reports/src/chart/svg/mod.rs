//! Charts as SVG, for pages, readers and screen readers: plotters lays them out and draws, and
//! `backend.rs` writes what it draws.
//!
//! Charts are drawn in `currentColor`, so that they follow the scheme of the page around them.
//! What belongs to a strategy is a group with its position in the plan, by which a page shows and
//! hides it. A mark for a figure holds a `<title>` with that figure.

mod axis;
mod backend;
mod canvas;
mod elements;
mod ends;
mod plane;
mod rows;
mod style;
mod words;

pub(super) use axis::{Axis, DataPoint};
pub(super) use canvas::{Canvas, PLANE_TOP, WIDTH};
pub(super) use ends::{CurveEnd, label_ends, room_for};
pub(super) use plane::{Frame, Plane};
pub(super) use plotters::style::text_anchor::HPos;
pub(super) use rows::{Label, Rows, StrategyRows, bar, middle, row_label};
pub(super) use style::{
    BAND, BOUND, CURVE, FAINT, FILL, GRID, HALF, HIT, MARK, RING, THIN, TextRole, area,
};
pub(super) use words::{file_stem, heading, label};

use crate::escape::escape;

/// Styles of charts, in pages and in files of their own.
pub(crate) const STYLE: &str = include_str!("chart.css");

/// Colours of a file of its own, which has no page around it.
const ALONE: &str = "svg{color:#1f2328;background:#fff}\n\
    @media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}\n";

/// Returns a drawing as a file of its own, with its own colours and a title.
pub(super) fn standalone(svg: &str, title: &str) -> String {
    let head = format!(
        ">\n<title>{}</title>\n<style>\n{ALONE}{STYLE}</style>\n",
        escape(title)
    );
    svg.replacen(">\n", &head, 1)
}
