//! Measured waits between the two that queueing theory gives for these very requests.

use super::svg::{Axis, BAND, Canvas, MARK, Plane, StrategyRows, bar, middle};
use super::{ABSENT, Chart, Table, heading};
use crate::bound::way_to_ideal;
use crate::palette::Look;
use crate::record::{Latency, Waiting};
use crate::stats::{ScenarioSummary, Spread, StrategySummary};
use crate::units;

/// Microseconds in a millisecond.
const US_PER_MS: f64 = 1e3;

/// A figure of the waits.
type Pick = fn(&Latency) -> f64;

const PICKS: [(&str, Pick); 2] = [("mean wait", |l| l.mean), ("p99 of the wait", |l| l.p99)];

/// Medians over blocks of one figure, microseconds.
struct Between {
    measured: f64,
    common_queue: f64,
    random_split: f64,
}

impl Between {
    fn of(strategy: &StrategySummary, pick: Pick) -> Option<Between> {
        let median = |which: fn(&Waiting) -> &Latency| {
            let waits = strategy.used.iter().filter_map(|m| m.waiting_us.as_ref());
            Some(Spread::of(waits.map(|waiting| pick(which(waiting))))?.median)
        };
        Some(Between {
            measured: median(|w| &w.measured)?,
            common_queue: median(|w| &w.common_queue)?,
            random_split: median(|w| &w.random_split)?,
        })
    }

    fn way(&self) -> Option<f64> {
        way_to_ideal(self.measured, self.random_split, self.common_queue)
    }

    fn tip(&self, key: &str, what: &str) -> String {
        let [measured, ideal, blind] =
            [self.measured, self.common_queue, self.random_split].map(units::duration);
        let way = self.way().map_or(String::new(), |way| {
            format!(", {:.0}% of the way from random to ideal", way * 100.0)
        });
        format!("{key}: {what} {measured}; common queue {ideal}, random split {blind}{way}")
    }
}

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = StrategyRows::of(summary, |strategy, _| {
        Between::of(strategy, PICKS[0].1).is_some()
    });
    if rows.all.is_empty() {
        return None;
    }
    Some(Chart {
        name: "waiting",
        title: "Waiting beside what theory allows",
        caption: "How long requests waited for a worker. The left mark of a row is what one \
                  common queue would have given these very requests, and no balancer that does \
                  not know the work beforehand does better on average; the right one is what \
                  blind random choice gives. Medians of the blocks.",
        svg: drawn(summary, &rows),
        table: table(&rows),
    })
}

fn drawn(summary: &ScenarioSummary, rows: &StrategyRows) -> String {
    let name = &summary.scenario.name;
    let what = format!("Dot chart: waiting time of each strategy beside theory under {name}");
    let canvas = Canvas::new(&what, rows.height());
    let key = "dot: measured · left mark: common queue · right mark: random split";
    canvas.heading(&heading("Waiting beside what theory allows", summary), key);
    rows.labels(&canvas);
    for (index, (what, pick)) in PICKS.iter().enumerate() {
        let all = rows.all.iter().filter_map(|(s, _)| Between::of(s, *pick));
        let all: Vec<Between> = all.collect();
        let largest = all
            .iter()
            .map(|b| b.measured.max(b.random_split))
            .fold(0.0, f64::max);
        let x = Axis::from_zero(largest / US_PER_MS, units::tick).titled("ms");
        let plane = rows.panel(&canvas, (index, PICKS.len()), (what, x), 0.0);
        for (row, between) in all.iter().enumerate() {
            let strategy = rows.all[row].0;
            canvas.series(strategy.look, || {
                mark(&plane, row, between, strategy.look);
                let at = (between.measured / US_PER_MS, middle(row));
                plane.hit(at, &between.tip(strategy.strategy, what));
            });
        }
    }
    canvas.finish()
}

fn mark(plane: &Plane, row: usize, between: &Between, look: Look) {
    let (top, bottom) = bar(row);
    let [measured, ideal, blind] =
        [between.measured, between.common_queue, between.random_split].map(|us| us / US_PER_MS);
    plane.rect(BAND, (ideal, top), (blind, bottom), "");
    for x in [ideal, blind] {
        plane.line(MARK, (x, top), (x, bottom));
    }
    plane.sign((measured, middle(row)), look);
}

fn table(rows: &StrategyRows) -> Table {
    let mut table = Table::new([
        "strategy",
        "mean wait",
        "common queue",
        "random split",
        "way from random to ideal",
        "p99 wait",
        "p99 common queue",
        "p99 random split",
    ]);
    for (strategy, _) in &rows.all {
        let [mean, p99] = PICKS.map(|(_, pick)| Between::of(strategy, pick));
        let (Some(mean), Some(p99)) = (mean, p99) else {
            continue;
        };
        let three = |b: &Between| [b.measured, b.common_queue, b.random_split].map(units::duration);
        let way = mean
            .way()
            .map_or(ABSENT.to_owned(), |way| format!("{:.0}%", way * 100.0));
        let mut row = vec![strategy.strategy.to_owned()];
        row.extend(three(&mean));
        row.push(way);
        row.extend(three(&p99));
        table.rows.push(row);
    }
    table
}
