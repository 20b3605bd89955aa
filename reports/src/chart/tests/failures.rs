//! Failed requests of each strategy.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, FILL, StrategyRows, bar};
use crate::stats::ScenarioSummary;
use crate::table::Table;
use crate::units;

pub(super) static FAILURES: ChartInfo = ChartInfo {
    name: "failures",
    title: "Failed requests",
    caption: "Requests that failed, all blocks together. Shorter is better.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let rows = StrategyRows::of(summary, |_, figures| figures.error_count() > 0);
    let failed = rows.all.iter().map(|(_, figures)| figures.error_count());
    let Some(most) = failed.clone().max() else {
        return Ok(None);
    };
    let canvas = rows.canvas(
        summary,
        FAILURES.title,
        "Bar chart: failed requests of each strategy",
        "bar: all blocks together",
    );
    let x = Axis::from_zero(most as f64, units::tick).titled("failed requests");
    let plane = rows.panel(&canvas, (0, 1), ("", x), 0.0);
    let mut table = Table::with_head(["strategy", "failed"]);
    for (row, count) in failed.enumerate() {
        let (strategy, (top, bottom)) = (rows.all[row].0, bar(row));
        let figure = units::whole(count);
        let tip = format!("{}: {figure} failed", strategy.strategy);
        canvas.series(strategy.style, || {
            plane.rect(FILL, (0.0, top), (count as f64, bottom), &tip);
        });
        table.push([strategy.strategy, &figure]);
    }
    Ok(Some(Drawing {
        svg: canvas.finish(),
        table,
    }))
}
