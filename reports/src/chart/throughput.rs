//! Throughput per strategy, with the range over blocks.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::rows::{self, Frame, Rows};
use super::svg::{self, Area, Drawn};
use crate::palette::{INK, look};
use crate::render::RenderError;
use crate::stats::{ScenarioSummary, Spread};
use crate::units;

const NAME: &str = "throughput";

/// Height of the ends of a whisker in units of a row.
const HALF_CAP: f64 = 0.14;

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let rows = Rows::of(summary, |figures| figures.throughput_rps.is_some());
    if rows.strategies.is_empty() {
        return Ok(None);
    }
    let name = &summary.scenario.name;
    let what = format!("Bar chart: requests per second of each strategy under {name}");
    let svg = svg::drawing(NAME, &what, rows.height(), |area| {
        draw_bars(
            area,
            &rows,
            &format!("Throughput · {}", svg::label(name, 60)),
        )
    })?;
    Ok(Some(Chart {
        name: NAME,
        title: "Throughput",
        caption: "Requests answered with success per second. The bar is the median of the \
                  blocks, the whisker reaches from the worst block to the best. Where whiskers \
                  overlap, these blocks do not show which strategy is faster.",
        svg,
    }))
}

fn draw_bars(area: &Area, rows: &Rows, heading: &str) -> Drawn {
    let spreads = || rows.strategies.iter().filter_map(|(_, f)| f.throughput_rps);
    let plot = rows.frame(
        area,
        &Frame {
            heading,
            key: "bar: median of the blocks · whisker: worst to best block",
            x_axis: "requests per second",
            x_tick: &|rate| units::tick(*rate),
            x_max: spreads().map(|s| s.max).fold(0.0, f64::max),
        },
    )?;
    for (row, spread) in spreads().enumerate() {
        let color = look(rows.strategies[row].0.position).color;
        let plane = plot.plotting_area();
        plane.draw(&rows.bar(row, 0.0, spread.median, color.mix(0.85)))?;
        for line in whisker(&spread, rows.middle(row)) {
            plane.draw(&PathElement::new(line, INK.stroke_width(2)))?;
        }
        let (x, y) = plot.backend_coord(&(spread.max, rows.middle(row)));
        rows::text(area, &units::count(spread.median), (x + 8, y), HPos::Left)?;
    }
    Ok(())
}

/// A line along the bar and one across each of its ends; nothing for a single block.
fn whisker(spread: &Spread, y: f64) -> Vec<Vec<(f64, f64)>> {
    if spread.blocks < 2 {
        return Vec::new();
    }
    let cap = |x| vec![(x, y - HALF_CAP), (x, y + HALF_CAP)];
    let range = vec![(spread.min, y), (spread.max, y)];
    vec![range, cap(spread.min), cap(spread.max)]
}
