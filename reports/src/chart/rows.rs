//! The frame of a chart with one horizontal bar per strategy.

use plotters::chart::ChartContext;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::svg::{self, AXIS_OPACITY, Area, CHAR_WIDTH, Drawn, GRID_OPACITY, TEXT};
use crate::palette::INK;
use crate::stats::{Figures, ScenarioSummary, StrategySummary};

/// Height of a row and of everything above and below the rows, in pixels.
const ROW_HEIGHT: u32 = 30;
const FRAME_HEIGHT: u32 = 110;

/// Half the thickness of a bar in units of a row.
const HALF_BAR: f64 = 0.34;

/// Longest label of a row in characters; a third of the width at most.
const MAX_LABEL: usize = 36;

/// Room to the right of the longest bar for its figure, in pixels.
const FIGURE_WIDTH: u32 = 130;

/// A chart's plane: x in the figure's unit, y in rows counted from below.
pub(super) type Plot<'a, 's> =
    ChartContext<'a, SVGBackend<'s>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What is written around the rows.
pub(super) struct Frame<'f> {
    pub(super) heading: &'f str,
    pub(super) key: &'f str,
    pub(super) x_axis: &'f str,
    pub(super) x_tick: &'f dyn Fn(&f64) -> String,
    pub(super) x_max: f64,
}

/// The strategies that have figures, and a place for each.
pub(super) struct Rows<'s> {
    pub(super) strategies: Vec<(&'s StrategySummary<'s>, &'s Figures)>,
}

impl<'s> Rows<'s> {
    /// The strategies of a scenario for which `has` holds.
    pub(super) fn of(summary: &'s ScenarioSummary, has: fn(&Figures) -> bool) -> Rows<'s> {
        let strategies = summary.strategies.iter();
        Rows {
            strategies: strategies
                .filter_map(|strategy| Some((strategy, strategy.figures.as_ref()?)))
                .filter(|(_, figures)| has(figures))
                .collect(),
        }
    }

    pub(super) fn height(&self) -> u32 {
        FRAME_HEIGHT + ROW_HEIGHT * self.strategies.len() as u32
    }

    /// Draws headings, axis, grid and labels, and returns the plane for the bars.
    pub(super) fn frame<'a, 'd>(
        &self,
        area: &Area<'d>,
        frame: &Frame,
    ) -> Result<Plot<'a, 'd>, Box<dyn std::error::Error>> {
        heading(area, frame.heading, frame.key)?;
        let labels: Vec<String> = self.strategies.iter().map(|(s, _)| row_label(s)).collect();
        let longest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
        let x_max = if frame.x_max > 0.0 { frame.x_max } else { 1.0 };
        let mut plot = ChartBuilder::on(area)
            .margin_top(50)
            .margin_right(FIGURE_WIDTH)
            .set_label_area_size(LabelAreaPosition::Left, longest as u32 * CHAR_WIDTH + 16)
            .set_label_area_size(LabelAreaPosition::Bottom, 44)
            .build_cartesian_2d(0.0..x_max, 0.0..self.strategies.len() as f64)?;
        plot.configure_mesh()
            .disable_y_mesh()
            .y_labels(0)
            .x_labels(6)
            .x_label_formatter(frame.x_tick)
            .x_desc(frame.x_axis)
            .label_style(TEXT.into_font().color(&INK))
            .axis_style(INK.mix(AXIS_OPACITY))
            .bold_line_style(INK.mix(GRID_OPACITY))
            .light_line_style(TRANSPARENT)
            .draw()?;
        for (row, label) in labels.iter().enumerate() {
            let (x, y) = plot.backend_coord(&(0.0, self.middle(row)));
            text(area, label, (x - 8, y), HPos::Right)?;
        }
        Ok(plot)
    }

    /// Height of the middle of a row, which are counted from above.
    pub(super) fn middle(&self, row: usize) -> f64 {
        self.strategies.len() as f64 - row as f64 - 0.5
    }

    /// The piece of a row's bar between two figures.
    pub(super) fn bar(
        &self,
        row: usize,
        from: f64,
        to: f64,
        color: RGBAColor,
    ) -> Rectangle<(f64, f64)> {
        let middle = self.middle(row);
        let corners = [(from, middle - HALF_BAR), (to, middle + HALF_BAR)];
        Rectangle::new(corners, color.filled())
    }
}

/// The two lines above a chart: what it shows, and how to read it.
pub(super) fn heading(area: &Area, heading: &str, key: &str) -> Drawn {
    let bold = (TEXT.0, TEXT.1 + 2, FontStyle::Bold)
        .into_font()
        .color(&INK);
    area.draw(&Text::new(heading.to_owned(), (8, 4), bold))?;
    let plain = TEXT.into_font().color(&INK.mix(0.75));
    area.draw(&Text::new(key.to_owned(), (8, 24), plain))?;
    Ok(())
}

/// Text beside a point given in pixels, centred in height.
pub(super) fn text(area: &Area, text: &str, at: (i32, i32), anchor: HPos) -> Drawn {
    let style = TEXT
        .into_font()
        .color(&INK)
        .pos(Pos::new(anchor, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}

/// The strategy's key, with a warning if its figures may not be compared.
pub(super) fn row_label(strategy: &StrategySummary) -> String {
    let key = svg::label(strategy.strategy, MAX_LABEL);
    if strategy.only_invalid() {
        format!("{key} (invalid)")
    } else {
        key
    }
}
