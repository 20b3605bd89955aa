//! How the requests were spread over the workers.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::rows::{self, Frame, Plot, Rows};
use super::svg::{self, Area, Drawn};
use crate::palette::{INK, look};
use crate::render::RenderError;
use crate::stats::ScenarioSummary;
use crate::units;

const NAME: &str = "shares";

/// Opacity of every other worker's piece, so that neighbours are told apart.
const OPACITY: [f64; 2] = [0.85, 0.5];

/// Where the marks of the even share begin and end, from the middle of a row.
const MARK: (f64, f64) = (0.28, 0.42);

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let rows = Rows::of(summary, |figures| !figures.request_shares.is_empty());
    if rows.strategies.is_empty() {
        return Ok(None);
    }
    let name = &summary.scenario.name;
    let what = format!("Bar chart: share of requests of each worker by strategy under {name}");
    let svg = svg::drawing(NAME, &what, rows.height(), |area| {
        let heading = format!("Requests by worker · {}", svg::label(name, 60));
        draw_bars(area, &rows, &heading)
    })?;
    Ok(Some(Chart {
        name: NAME,
        title: "Requests by worker",
        caption: "Each piece is one worker's share of the requests, the busiest worker of each \
                  block first, then averaged over the blocks. The marks above and below a bar \
                  stand where the pieces would end if all workers had the same share; the \
                  figure is the busiest worker's share in units of the even one.",
        svg,
    }))
}

fn draw_bars(area: &Area, rows: &Rows, heading: &str) -> Drawn {
    let plot = rows.frame(
        area,
        &Frame {
            heading,
            key: "piece: one worker, busiest first · marks: even shares · figure: busiest ÷ even",
            x_axis: "share of requests",
            x_tick: &|share| format!("{:.0}%", share * 100.0),
            x_max: 1.0,
        },
    )?;
    for (row, (strategy, figures)) in rows.strategies.iter().enumerate() {
        let color = look(strategy.position).color;
        let shares = &figures.request_shares;
        let mut from = 0.0;
        for (worker, share) in shares.iter().enumerate() {
            let piece = rows.bar(row, from, from + share, color.mix(OPACITY[worker % 2]));
            plot.plotting_area().draw(&piece)?;
            from += share;
        }
        mark_even_shares(&plot, rows.middle(row), shares.len())?;
        let busiest = units::count(shares[0] * shares.len() as f64);
        let (x, y) = plot.backend_coord(&(1.0, rows.middle(row)));
        rows::text(area, &format!("{busiest}×"), (x + 8, y), HPos::Left)?;
    }
    Ok(())
}

fn mark_even_shares(plot: &Plot, middle: f64, workers: usize) -> Drawn {
    for worker in 1..workers {
        let x = worker as f64 / workers as f64;
        for side in [-1.0, 1.0] {
            let ends = [(x, middle + side * MARK.0), (x, middle + side * MARK.1)];
            let mark = PathElement::new(ends, INK.stroke_width(2));
            plot.plotting_area().draw(&mark)?;
        }
    }
    Ok(())
}
