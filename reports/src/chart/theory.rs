//! Waits as multiples of the predictions of theory.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, BAND, FAINT, Plane, StrategyRows, bar, middle};
use crate::palette::SeriesStyle;
use crate::record::Expected;
use crate::stats::{ScenarioSummary, WaitComparison, WaitFigure, compare_waits};
use crate::table::{Table, or_absent};

type Pick = for<'a> fn(&'a WaitComparison<'a>) -> &'a WaitFigure;

const PICKS: [(&str, Pick); 2] = [
    ("mean wait", |waits| &waits.mean),
    ("p99 of the wait", |waits| &waits.p99),
];

/// Least reach of an axis, so that bounds of 15% can be seen, and greatest reach: a ratio beyond it
/// is drawn at the end.
const REACH: (f64, f64) = (2.0, 4.0);

pub(super) static THEORY: ChartInfo = ChartInfo {
    name: "theory",
    title: "Waits as multiples of theory",
    caption: "Measured waits divided by the prediction of theory. The marker refers to the recursion on \
              the very same arrivals and work; the band is the deviation that is allowed. The line is \
              the closed formula, from end to end of its sampling error.",
    set_by: None,
    draw: Draw::Theory(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let all = compare_waits(summary);
    let judged = all
        .iter()
        .filter_map(|waits| Some((waits, waits.expected?)));
    let judged: Vec<(&WaitComparison, Expected)> = judged.collect();
    Ok((!judged.is_empty()).then(|| Drawing {
        svg: drawn(summary, &judged),
        table: table(&judged),
    }))
}

fn drawn(summary: &ScenarioSummary, judged: &[(&WaitComparison, Expected)]) -> String {
    let rows = StrategyRows::of(summary, |strategy, _| {
        let mut judged = judged.iter();
        judged.any(|(waits, _)| waits.strategy.strategy == strategy.strategy)
    });
    let canvas = rows.canvas(
        summary,
        THEORY.title,
        "Dot chart: waits as multiples of the predictions of theory",
        "marker: measured · band: allowed deviation · line: closed formula",
    );
    for (index, (what, pick)) in PICKS.iter().enumerate() {
        let ratios = judged
            .iter()
            .filter_map(|(waits, e)| pick(waits).ratio(e.theory));
        let largest = ratios.fold(REACH.0, f64::max).min(REACH.1);
        let x = Axis::from_zero(largest, |ratio| format!("{ratio}")).titled("× theory");
        let plane = rows.panel(&canvas, (index, PICKS.len()), (what, x), 0.0);
        rows.rule(&plane, 1.0);
        for (row, (waits, expected)) in judged.iter().enumerate() {
            let style = waits.strategy.style;
            canvas.series(style, || {
                mark(&plane, row, pick(waits), (*expected, style));
                if let Some(ratio) = pick(waits).ratio(expected.theory) {
                    let tip = format!("{}: {what} {ratio:.2} × theory", waits.strategy.strategy);
                    plane.hit((ratio, middle(row)), &tip);
                }
            });
        }
    }
    canvas.finish()
}

fn mark(
    plane: &Plane,
    row: usize,
    figure: &WaitFigure,
    (expected, style): (Expected, SeriesStyle),
) {
    let (top, bottom) = bar(row);
    let (low, high) = (1.0 - expected.within, 1.0 + expected.within);
    plane.rect(BAND, (low, top), (high, bottom), "");
    let Some(ratio) = figure.ratio(expected.theory) else {
        return;
    };
    let y = middle(row);
    if let Some(formula) = figure.formula {
        let ends = [formula.value - formula.error, formula.value + formula.error];
        let [low, high] = ends.map(|us| us / figure.theory(expected.theory));
        plane.whisker(FAINT, (low, high), y);
    }
    plane.marker((ratio, y), style);
}

fn table(judged: &[(&WaitComparison, Expected)]) -> Table {
    let mut table = Table::with_head(["strategy", "wait", "× theory", "bound", "× as served"]);
    for (waits, expected) in judged {
        for (name, pick) in PICKS {
            let figure = pick(waits);
            let times = |ratio: Option<f64>| or_absent(ratio, |r| format!("{r:.3}"));
            table.push([
                waits.strategy.strategy,
                name,
                &times(figure.ratio(expected.theory)),
                &format!("± {}", expected.within),
                &times(figure.ratio_as_served()),
            ]);
        }
    }
    table
}
