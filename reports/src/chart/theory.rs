//! Waits as multiples of what theory says that they ought to be.

use super::svg::{Axis, BAND, Canvas, FAINT, Plane, StrategyRows, bar, middle};
use super::{ABSENT, Chart, Table, heading};
use crate::palette::Look;
use crate::record::Expected;
use crate::stats::{Beside, BesideTheory, ScenarioSummary, beside_theory};

/// A figure of the waits.
type Pick = for<'a> fn(&'a BesideTheory<'a>) -> &'a Beside;

const PICKS: [(&str, Pick); 2] = [("mean wait", |b| &b.mean), ("p99 of the wait", |b| &b.p99)];

/// As far as an axis reaches at least, so that bounds of 15% can be seen, and at most: beyond it a
/// ratio stands at the end.
const REACH: (f64, f64) = (2.0, 4.0);

/// The strategies of a scenario that ought to equal a theory; `None` if there is none.
pub(crate) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let all = beside_theory(summary);
    let judged: Vec<(&BesideTheory, Expected)> = all
        .iter()
        .filter_map(|beside| Some((beside, beside.expected?)))
        .collect();
    if judged.is_empty() {
        return None;
    }
    Some(Chart {
        name: "theory",
        title: "Waits as multiples of theory",
        caption: "How many times as long as theory says requests waited: the sign is what was \
                  measured, over the recursion on the very same arrivals and work; the band is \
                  how far it may be off. The line is the closed formula, from end to end of its \
                  sampling error.",
        svg: drawn(summary, &judged),
        table: table(&judged),
    })
}

fn drawn(summary: &ScenarioSummary, judged: &[(&BesideTheory, Expected)]) -> String {
    let rows = StrategyRows::of(summary, |strategy, _| {
        judged
            .iter()
            .any(|(b, _)| b.strategy.strategy == strategy.strategy)
    });
    let name = &summary.scenario.name;
    let what = format!("Dot chart: waits as multiples of what theory says under {name}");
    let canvas = Canvas::new(&what, rows.height());
    let key = "sign: measured · band: how far it may be off · line: closed formula";
    canvas.heading(&heading("Waits as multiples of theory", summary), key);
    rows.labels(&canvas);
    for (index, (what, pick)) in PICKS.iter().enumerate() {
        let ratios = judged.iter().filter_map(|(b, e)| pick(b).ratio(e.theory));
        let largest = ratios.fold(REACH.0, f64::max).min(REACH.1);
        let x = Axis::from_zero(largest, |ratio| format!("{ratio}")).titled("× theory");
        let plane = rows.panel(&canvas, (index, PICKS.len()), (what, x), 0.0);
        rows.rule(&plane, 1.0);
        for (row, (beside, expected)) in judged.iter().enumerate() {
            let look = beside.strategy.look;
            canvas.series(look, || {
                mark(&plane, row, pick(beside), (*expected, look));
                if let Some(ratio) = pick(beside).ratio(expected.theory) {
                    let tip = format!("{}: {what} {ratio:.2} × theory", beside.strategy.strategy);
                    plane.hit((ratio, middle(row)), &tip);
                }
            });
        }
    }
    canvas.finish()
}

fn mark(plane: &Plane, row: usize, figure: &Beside, (expected, look): (Expected, Look)) {
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
    plane.sign((ratio, y), look);
}

fn table(judged: &[(&BesideTheory, Expected)]) -> Table {
    let mut table = Table::new(["strategy", "wait", "× theory", "bound", "× as served"]);
    for (beside, expected) in judged {
        for (name, pick) in PICKS {
            let figure = pick(beside);
            let times = |ratio: Option<f64>| ratio.map_or(ABSENT.into(), |r| format!("{r:.3}"));
            table.row([
                beside.strategy.strategy,
                name,
                &times(figure.ratio(expected.theory)),
                &format!("± {}", expected.within),
                &times(figure.ratio_as_served()),
            ]);
        }
    }
    table
}
