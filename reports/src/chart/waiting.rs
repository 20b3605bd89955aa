//! Measured waits between the two that queueing theory gives for these very requests.

use super::svg::{Canvas, Panel, Rows, Scale, linear_ticks};
use super::{ABSENT, Chart, Table, heading};
use crate::bound::way_to_ideal;
use crate::palette::look;
use crate::record::{Latency, Waiting};
use crate::stats::{ScenarioSummary, Spread, StrategySummary};
use crate::units;

/// Microseconds in a millisecond.
const US_PER_MS: f64 = 1e3;

/// Half the height of the mark of a bound, in pixels.
const HALF_MARK: f64 = 8.0;

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
    let rows = Rows::of(summary, |strategy, _| {
        Between::of(strategy, PICKS[0].1).is_some()
    });
    if rows.strategies.is_empty() {
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

fn drawn(summary: &ScenarioSummary, rows: &Rows) -> String {
    let name = &summary.scenario.name;
    let what = format!("Dot chart: waiting time of each strategy beside theory under {name}");
    let mut canvas = Canvas::new(&what, rows.height());
    let key = "dot: measured · left mark: common queue · right mark: random split";
    canvas.heading(&heading("Waiting beside what theory allows", summary), key);
    rows.labels(&mut canvas);
    for ((what, pick), place) in PICKS.iter().zip(rows.places(PICKS.len(), 0.0)) {
        let all = rows
            .strategies
            .iter()
            .filter_map(|(s, _)| Between::of(s, *pick));
        let all: Vec<Between> = all.collect();
        let largest = all
            .iter()
            .map(|b| b.measured.max(b.random_split))
            .fold(0.0, f64::max);
        let ticks = linear_ticks(largest / US_PER_MS);
        let scale = Scale::linear((0.0, ticks[ticks.len() - 1]), place);
        let panel = Panel {
            title: (*what).to_owned(),
            axis: "ms".into(),
            ticks: ticks.into_iter().map(|ms| (ms, units::tick(ms))).collect(),
        };
        rows.panel(&mut canvas, &panel, &scale);
        for (row, between) in all.iter().enumerate() {
            mark(&mut canvas, rows, row, between, &scale, what);
        }
    }
    canvas.finish()
}

fn mark(
    canvas: &mut Canvas,
    rows: &Rows,
    row: usize,
    between: &Between,
    scale: &Scale,
    what: &str,
) {
    let strategy = rows.strategies[row].0;
    let (_, y, _) = rows.bar(row);
    let x = |us: f64| scale.at(us / US_PER_MS);
    let (ideal, blind) = (x(between.common_queue), x(between.random_split));
    canvas.series(strategy.position, |canvas| {
        canvas.rect("band", (ideal, y - HALF_MARK), (blind, y + HALF_MARK), "");
        for at in [ideal, blind] {
            canvas.line("mark", (at, y - HALF_MARK), (at, y + HALF_MARK));
        }
        let at = (x(between.measured), y);
        canvas.marker(at, look(strategy.position));
        canvas.hit(at, &between.tip(strategy.strategy, what));
    });
}

fn table(rows: &Rows) -> Table {
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
    for (strategy, _) in &rows.strategies {
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
