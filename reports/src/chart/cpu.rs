//! CPU time per request, of workers and dispatcher.

use super::svg::{Axis, Canvas, FILL, HPos, PALE, Plane, Rows, Words, bar, middle};
use super::{ABSENT, Chart, Table, heading};
use crate::stats::{Figures, ScenarioSummary};
use crate::units;

/// Room for the figures beside the bars, in pixels.
const FIGURE: f64 = 110.0;

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = Rows::of(summary, |_, f| f.workers_cpu_us_per_request.is_some());
    if rows.strategies.is_empty() {
        return None;
    }
    Some(Chart {
        name: "cpu",
        title: "CPU time per request",
        caption: "CPU time of the servers divided by the requests answered, medians of the \
                  blocks. The strong piece is the workers', the pale one the dispatcher's: what \
                  it costs to choose. Shorter is cheaper.",
        svg: bars(summary, &rows),
        table: table(&rows),
    })
}

fn bars(summary: &ScenarioSummary, rows: &Rows) -> String {
    let name = &summary.scenario.name;
    let what = format!("Bar chart: CPU time per request of each strategy under {name}");
    let canvas = Canvas::new(&what, rows.height());
    canvas.heading(
        &heading("CPU time per request", summary),
        "strong: workers · pale: dispatcher",
    );
    let totals = rows.strategies.iter().map(|(_, f)| pieces(f));
    let longest = totals
        .map(|(w, d)| w + d.unwrap_or(0.0))
        .fold(0.0, f64::max);
    let x = Axis::from_zero(longest, units::tick).titled("CPU time per request, µs");
    let plane = rows.panel(&canvas, (0, 1), ("", x), FIGURE);
    rows.labels(&canvas);
    for row in 0..rows.strategies.len() {
        drawn(&canvas, &plane, rows, row);
    }
    canvas.finish()
}

fn drawn(canvas: &Canvas, plane: &Plane, rows: &Rows, row: usize) {
    let (strategy, figures) = rows.strategies[row];
    let (workers, dispatcher) = pieces(figures);
    let (top, bottom) = bar(row);
    let both = workers + dispatcher.unwrap_or(0.0);
    let say = |who: &str, us: f64| {
        format!(
            "{}: {who} {} µs per request",
            strategy.strategy,
            units::count(us)
        )
    };
    let label = match dispatcher {
        Some(dispatcher) => format!("{} + {}", units::count(workers), units::count(dispatcher)),
        None => units::count(workers),
    };
    canvas.series(strategy.position, || {
        let (from, to) = ((0.0, top), (workers, bottom));
        plane.rect(FILL, from, to, &say("workers", workers));
        if let Some(us) = dispatcher {
            let (from, to) = ((workers, top), (both, bottom));
            plane.rect(PALE, from, to, &say("dispatcher", us));
        }
    });
    canvas.label(strategy.position, || {
        plane.text(Words::Plain, (both, middle(row)), 8.0, HPos::Left, &label);
    });
}

/// Median CPU time per request of workers, and of the dispatcher if there is one.
fn pieces(figures: &Figures) -> (f64, Option<f64>) {
    let workers = figures.workers_cpu_us_per_request.map_or(0.0, |s| s.median);
    let dispatcher = figures.dispatcher_cpu_us_per_request.map(|s| s.median);
    (workers, dispatcher)
}

fn table(rows: &Rows) -> Table {
    let mut table = Table::new(["strategy", "workers, µs", "dispatcher, µs", "together, µs"]);
    for (strategy, figures) in &rows.strategies {
        let (workers, dispatcher) = pieces(figures);
        table.rows.push(vec![
            strategy.strategy.to_owned(),
            units::count(workers),
            dispatcher.map_or(ABSENT.to_owned(), units::count),
            units::count(workers + dispatcher.unwrap_or(0.0)),
        ]);
    }
    table
}
