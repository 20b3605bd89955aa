//! Throughput per strategy, with the range over blocks.

use super::svg::{Anchor, Canvas, Panel, Rows, Scale, linear_ticks};
use super::{ABSENT, Chart, Table, heading};
use crate::stats::{ScenarioSummary, Spread};
use crate::units;

/// Half the height of the ends of a whisker, and room for the figure beside the bar, in pixels.
const HALF_CAP: f64 = 4.0;
const FIGURE: f64 = 80.0;

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = Rows::of(summary, |_, figures| figures.throughput_rps.is_some());
    if rows.strategies.is_empty() {
        return None;
    }
    let spreads: Vec<Spread> = rows
        .strategies
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

fn bars(summary: &ScenarioSummary, rows: &Rows, spreads: &[Spread]) -> String {
    let name = &summary.scenario.name;
    let what = format!("Bar chart: requests per second of each strategy under {name}");
    let mut canvas = Canvas::new(&what, rows.height());
    canvas.heading(
        &heading("Throughput", summary),
        "bar: median of the blocks · whisker: worst to best block",
    );
    let ticks = linear_ticks(spreads.iter().map(|s| s.max).fold(0.0, f64::max));
    let place = rows.places(1, FIGURE)[0];
    let scale = Scale::linear((0.0, ticks[ticks.len() - 1]), place);
    let panel = Panel {
        title: String::new(),
        axis: "requests per second".into(),
        ticks: ticks.into_iter().map(|v| (v, units::tick(v))).collect(),
    };
    rows.panel(&mut canvas, &panel, &scale);
    rows.labels(&mut canvas);
    for (row, spread) in spreads.iter().enumerate() {
        let strategy = rows.strategies[row].0;
        canvas.series(strategy.position, |canvas| {
            let (top, _, bottom) = rows.bar(row);
            let tip = format!("{}: {}", strategy.strategy, words(spread));
            let end = scale.at(spread.median);
            canvas.rect("fill", (place.0, top), (end, bottom), &tip);
        });
        let at = (scale.at(spread.max) + 8.0, rows.bar(row).1);
        canvas.label(
            strategy.position,
            at,
            Anchor::Start,
            &units::count(spread.median),
        );
        whisker(&mut canvas, &scale, spread, rows.bar(row).1);
    }
    canvas.finish()
}

/// A line along the bar and one across each of its ends; nothing for a single block.
fn whisker(canvas: &mut Canvas, scale: &Scale, spread: &Spread, y: f64) {
    if spread.blocks < 2 {
        return;
    }
    let ends = [scale.at(spread.min), scale.at(spread.max)];
    canvas.line("mark", (ends[0], y), (ends[1], y));
    for x in ends {
        canvas.line("mark", (x, y - HALF_CAP), (x, y + HALF_CAP));
    }
}

fn words(spread: &Spread) -> String {
    let [median, min, max] = [spread.median, spread.min, spread.max].map(units::count);
    match spread.blocks {
        1 => format!("{median} requests per second in one block"),
        blocks => format!("{median} requests per second ({min} to {max} over {blocks} blocks)"),
    }
}

fn table(rows: &Rows, spreads: &[Spread]) -> Table {
    let mut table = Table::new([
        "strategy",
        "median req/s",
        "worst block",
        "best block",
        "offered req/s",
    ]);
    for ((strategy, _), spread) in rows.strategies.iter().zip(spreads) {
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
