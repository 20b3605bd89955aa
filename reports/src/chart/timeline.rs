//! Figures over the time of a trial, as lines.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::marker;
use super::rows;
use super::svg::{self, AXIS_OPACITY, Area, CHAR_WIDTH, Drawn, GRID_OPACITY, TEXT};
use crate::palette::{INK, Look};
use crate::render::RenderError;
use crate::units;

/// Height of the chart, and of a line of its legend, in pixels.
const HEIGHT: u32 = 320;
const LEGEND_LINE: i32 = 24;

/// Where the first line of the legend stands, in pixels from above.
const LEGEND_TOP: i32 = 70;

/// Room above the highest point, as a share of it.
const HEADROOM: f64 = 1.08;

/// A figure over time.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) look: Look,
    /// (seconds since the measured time began, figure)
    pub(super) points: Vec<(f64, f64)>,
}

/// The lines as SVG; `None` if no line has two points to go between.
pub(super) fn draw(
    name: &'static str,
    title: &str,
    lines: &[Line],
    tick: fn(f64) -> String,
) -> Result<Option<String>, RenderError> {
    if lines.iter().all(|line| line.points.len() < 2) {
        return Ok(None);
    }
    let what = format!("Line chart: {title}");
    svg::drawing(name, &what, HEIGHT, |area| {
        draw_lines(area, title, lines, tick)
    })
    .map(Some)
}

fn draw_lines(area: &Area, title: &str, lines: &[Line], tick: fn(f64) -> String) -> Drawn {
    rows::heading(area, title, "seconds since the measured time began")?;
    let points = || lines.iter().flat_map(|line| &line.points);
    let end = points().map(|point| point.0).fold(0.0, f64::max);
    let top = points().map(|point| point.1).fold(0.0, f64::max);
    let top = if top > 0.0 { top * HEADROOM } else { 1.0 };
    let longest = lines.iter().map(|line| line.label.chars().count()).max();
    let legend_width = longest.unwrap_or(0) as u32 * CHAR_WIDTH + 70;
    let mut plane = ChartBuilder::on(area)
        .margin_top(50)
        .margin_right(legend_width)
        .set_label_area_size(LabelAreaPosition::Left, 80)
        .set_label_area_size(LabelAreaPosition::Bottom, 44)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    plane
        .configure_mesh()
        .x_labels(8)
        .y_labels(6)
        .x_label_formatter(&|seconds| units::tick(*seconds))
        .y_label_formatter(&|value| tick(*value))
        .x_desc("seconds")
        .label_style(TEXT.into_font().color(&INK))
        .axis_style(INK.mix(AXIS_OPACITY))
        .bold_line_style(INK.mix(GRID_OPACITY))
        .light_line_style(TRANSPARENT)
        .draw()?;
    let x = (svg::WIDTH - legend_width) as i32 + 16;
    for (line, row) in lines.iter().zip(0..) {
        let pixels: Vec<_> = line
            .points
            .iter()
            .map(|at| plane.backend_coord(at))
            .collect();
        marker::line(area, pixels, line.look)?;
        let y = LEGEND_TOP + LEGEND_LINE * row;
        marker::line(area, vec![(x, y), (x + 30, y)], line.look)?;
        rows::text(area, &line.label, (x + 38, y), HPos::Left)?;
    }
    Ok(())
}
