//! Throughput per strategy, with the range over blocks.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, FILL, HPos, MARK, StrategyRows, TextRole, bar, middle};
use crate::record::LoopKind;
use crate::stats::{Scale, ScenarioSummary, Spread};
use crate::table::{Table, or_absent};
use crate::units;

/// Room for the figure next to the bar, in pixels.
const FIGURE: f64 = 80.0;

pub(super) static THROUGHPUT: ChartInfo = ChartInfo {
    name: "throughput",
    title: "Throughput",
    caption: "Requests answered with success per second. The bar is the mean over the blocks; the \
              whisker reaches from the worst block to the best.",
    set_by: Some(LoopKind::Open),
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let rows = StrategyRows::of(summary, |_, figures| figures.throughput_rps.is_some());
    let spreads = rows.all.iter().filter_map(|(_, f)| f.throughput_rps);
    let spreads: Vec<Spread> = spreads.collect();
    Ok((!spreads.is_empty()).then(|| Drawing {
        svg: bars(summary, &rows, &spreads),
        table: table(&rows, &spreads),
    }))
}

fn bars(summary: &ScenarioSummary, rows: &StrategyRows, spreads: &[Spread]) -> String {
    let canvas = rows.canvas(
        summary,
        THROUGHPUT.title,
        "Bar chart: requests per second of each strategy",
        "bar: mean over the blocks · whisker: worst to best block",
    );
    let best = spreads.iter().map(|s| s.max).fold(0.0, f64::max);
    let x = Axis::from_zero(best, units::tick).titled("requests per second");
    let plane = rows.panel(&canvas, (0, 1), ("", x), FIGURE);
    for (row, spread) in spreads.iter().enumerate() {
        let strategy = rows.all[row].0;
        canvas.series(strategy.style, || {
            let (top, bottom) = bar(row);
            let tip = format!("{}: {}", strategy.strategy, words(spread));
            plane.rect(FILL, (0.0, top), (spread.mean, bottom), &tip);
        });
        canvas.label(strategy.style, || {
            let (at, figure) = ((spread.max, middle(row)), units::count(spread.mean));
            plane.text(TextRole::Plain, at, 8.0, HPos::Left, &figure);
        });
        if spread.blocks > 1 {
            plane.whisker(MARK, (spread.min, spread.max), middle(row));
        }
    }
    canvas.finish()
}

fn words(spread: &Spread) -> String {
    let [mean, min, max] = [spread.mean, spread.min, spread.max].map(units::count);
    match spread.blocks {
        1 => format!("{mean} requests per second in one block"),
        blocks => format!("{mean} requests per second ({min} to {max} over {blocks} blocks)"),
    }
}

fn table(rows: &StrategyRows, spreads: &[Spread]) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "req/s",
        "worst block",
        "best block",
        "offered req/s",
    ]);
    for ((strategy, _), spread) in rows.all.iter().zip(spreads) {
        let offered = Spread::of(
            strategy.used.iter().filter_map(|m| m.offered_rps),
            Scale::Ratio,
        );
        let [mean, min, max] = [spread.mean, spread.min, spread.max].map(units::count);
        let offered = or_absent(offered, |spread| units::count(spread.mean));
        table.push([strategy.strategy, &mean, &min, &max, &offered]);
    }
    table
}
