//! CPU time per request, of workers and dispatcher.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::rows::{self, Frame, Rows};
use super::svg::{self, Area, Drawn};
use crate::palette::look;
use crate::render::RenderError;
use crate::stats::{Figures, ScenarioSummary};
use crate::units;

const NAME: &str = "cpu";

/// How strong the dispatcher's piece is beside the workers'.
const DISPATCHER_OPACITY: f64 = 0.4;

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let rows = Rows::of(summary, |f| f.workers_cpu_us_per_request.is_some());
    if rows.strategies.is_empty() {
        return Ok(None);
    }
    let name = &summary.scenario.name;
    let what = format!("Bar chart: CPU time per request of each strategy under {name}");
    let svg = svg::drawing(NAME, &what, rows.height(), |area| {
        let heading = format!("CPU time per request · {}", svg::label(name, 60));
        draw_bars(area, &rows, &heading)
    })?;
    Ok(Some(Chart {
        name: NAME,
        title: "CPU time per request",
        caption: "CPU time of the servers divided by the requests answered, medians of the \
                  blocks. The strong piece is the workers', the pale one the dispatcher's: what \
                  it costs to choose. Shorter is cheaper.",
        svg,
    }))
}

fn draw_bars(area: &Area, rows: &Rows, heading: &str) -> Drawn {
    let totals = rows.strategies.iter().map(|(_, f)| {
        let (workers, dispatcher) = pieces(f);
        workers + dispatcher.unwrap_or(0.0)
    });
    let plot = rows.frame(
        area,
        &Frame {
            heading,
            key: "strong: workers · pale: dispatcher",
            x_axis: "CPU time per request, µs",
            x_tick: &|us| units::tick(*us),
            x_max: totals.fold(0.0, f64::max),
        },
    )?;
    for (row, (strategy, figures)) in rows.strategies.iter().enumerate() {
        let color = look(strategy.position).color;
        let (workers, dispatcher) = pieces(figures);
        let end = workers + dispatcher.unwrap_or(0.0);
        let plane = plot.plotting_area();
        plane.draw(&rows.bar(row, 0.0, workers, color.mix(0.85)))?;
        plane.draw(&rows.bar(row, workers, end, color.mix(DISPATCHER_OPACITY)))?;
        let label = match dispatcher {
            Some(dispatcher) => format!("{} + {}", units::count(workers), units::count(dispatcher)),
            None => units::count(workers),
        };
        let (x, y) = plot.backend_coord(&(end, rows.middle(row)));
        rows::text(area, &label, (x + 8, y), HPos::Left)?;
    }
    Ok(())
}

/// Median CPU time per request of workers, and of the dispatcher if there is one.
fn pieces(figures: &Figures) -> (f64, Option<f64>) {
    let workers = figures.workers_cpu_us_per_request.map_or(0.0, |s| s.median);
    let dispatcher = figures.dispatcher_cpu_us_per_request.map(|s| s.median);
    (workers, dispatcher)
}
