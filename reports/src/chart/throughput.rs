//! Throughput per strategy, with the range over blocks.

use super::svg::{Axis, Canvas, FILL, HPos, MARK, StrategyRows, Words, bar, middle};
use super::{ABSENT, Chart, Table, heading};
use crate::stats::{ScenarioSummary, Spread};
use crate::units;

/// Room for the figure beside the bar, in pixels.
const FIGURE: f64 = 80.0;

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = StrategyRows::of(summary, |_, figures| figures.throughput_rps.is_some());
    if rows.all.is_empty() {
        return None;
    }
    let spreads: Vec<Spread> = rows
        .all
        .iter()
        .filter_map(|(_, f)| f.throughput_rps)
        .collect();
    Some(Chart {
        name: "throughput",
        title: "Throughput",
        caption: "Requests answered with success per second. The bar is the median of the \
                  blocks, the whisker reaches from the worst block to the best.",
        svg: bars(summary, &rows, &spreads),
        table: table(&rows, &spreads),
    })
}

fn bars(summary: &ScenarioSummary, rows: &StrategyRows, spreads: &[Spread]) -> String {
    let name = &summary.scenario.name;
    let what = format!("Bar chart: requests per second of each strategy under {name}");
    let canvas = Canvas::new(&what, rows.height());
    canvas.heading(
        &heading("Throughput", summary),
        "bar: median of the blocks · whisker: worst to best block",
    );
    let best = spreads.iter().map(|s| s.max).fold(0.0, f64::max);
    let x = Axis::from_zero(best, units::tick).titled("requests per second");
    let plane = rows.panel(&canvas, (0, 1), ("", x), FIGURE);
    rows.labels(&canvas);
    for (row, spread) in spreads.iter().enumerate() {
        let strategy = rows.all[row].0;
        canvas.series(strategy.look, || {
            let (top, bottom) = bar(row);
            let tip = format!("{}: {}", strategy.strategy, words(spread));
            plane.rect(FILL, (0.0, top), (spread.median, bottom), &tip);
        });
        canvas.label(strategy.look, || {
            let (at, figure) = ((spread.max, middle(row)), units::count(spread.median));
            plane.text(Words::Plain, at, 8.0, HPos::Left, &figure);
        });
        if spread.blocks > 1 {
            plane.whisker(MARK, (spread.min, spread.max), middle(row));
        }
    }
    canvas.finish()
}

fn words(spread: &Spread) -> String {
    let [median, min, max] = [spread.median, spread.min, spread.max].map(units::count);
    match spread.blocks {
        1 => format!("{median} requests per second in one block"),
        blocks => format!("{median} requests per second ({min} to {max} over {blocks} blocks)"),
    }
}

fn table(rows: &StrategyRows, spreads: &[Spread]) -> Table {
    let mut table = Table::new([
        "strategy",
        "median req/s",
        "worst block",
        "best block",
        "offered req/s",
    ]);
    for ((strategy, _), spread) in rows.all.iter().zip(spreads) {
        let offered = Spread::of(strategy.used.iter().filter_map(|m| m.offered_rps));
        let [median, min, max] = [spread.median, spread.min, spread.max].map(units::count);
        let offered = offered.map_or(ABSENT.to_owned(), |s| units::count(s.median));
        table.rows.push(vec![
            strategy.strategy.to_owned(),
            median,
            min,
            max,
            offered,
        ]);
    }
    table
}
