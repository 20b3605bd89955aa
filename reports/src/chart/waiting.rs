//! Measured waits between two predictions of queueing theory for the same requests.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, BAND, MARK, Plane, StrategyRows, bar, middle};
use crate::bound::way_to_ideal;
use crate::palette::SeriesStyle;
use crate::record::{Latency, Waiting};
use crate::stats::{Scale, ScenarioSummary, StrategySummary, mean};
use crate::table::{Table, or_absent};
use crate::units;

const US_PER_MS: f64 = 1e3;

type Pick = fn(&Latency) -> f64;

const PICKS: [(&str, Pick); 2] = [("mean wait", |l| l.mean), ("p99 of the wait", |l| l.p99)];

/// Means over blocks of one figure of the waits, microseconds.
struct MeanWaits {
    measured: f64,
    common_queue: f64,
    random_split: f64,
}

impl MeanWaits {
    fn of(strategy: &StrategySummary, pick: Pick) -> Option<MeanWaits> {
        let mean = |which: fn(&Waiting) -> &Latency| {
            let waits = strategy.used.iter().filter_map(|m| m.waiting_us.as_ref());
            // A wait may be zero.
            mean(waits.map(|waiting| pick(which(waiting))), Scale::Count)
        };
        Some(MeanWaits {
            measured: mean(|w| &w.measured)?,
            common_queue: mean(|w| &w.common_queue)?,
            random_split: mean(|w| &w.random_split)?,
        })
    }

    fn way(&self) -> Option<f64> {
        way_to_ideal(self.measured, self.random_split, self.common_queue)
    }

    fn tip(&self, key: &str, what: &str) -> String {
        let [measured, ideal, random] =
            [self.measured, self.common_queue, self.random_split].map(units::duration);
        let way = self.way().map_or(String::new(), |way| {
            format!(", {:.0}% of the way from random to ideal", way * 100.0)
        });
        format!("{key}: {what} {measured}; common queue {ideal}, random split {random}{way}")
    }
}

pub(super) static WAITING: ChartInfo = ChartInfo {
    name: "waiting",
    title: "Waiting compared with theory",
    caption: "How long requests waited for a worker. The left mark of a row is the wait of the same \
              requests in one common queue, which no balancer without knowledge of the work beats on \
              average; the right one is their wait if workers are chosen at random. Means over the \
              blocks.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let rows = StrategyRows::of(summary, |strategy, _| {
        MeanWaits::of(strategy, PICKS[0].1).is_some()
    });
    Ok((!rows.all.is_empty()).then(|| Drawing {
        svg: drawn(summary, &rows),
        table: table(&rows),
    }))
}

fn drawn(summary: &ScenarioSummary, rows: &StrategyRows) -> String {
    let canvas = rows.canvas(
        summary,
        WAITING.title,
        "Dot chart: waiting time of each strategy compared with theory",
        "dot: measured · left mark: common queue · right mark: random split",
    );
    for (index, (what, pick)) in PICKS.iter().enumerate() {
        let waits = rows.all.iter().map(|(s, _)| MeanWaits::of(s, *pick));
        let all: Vec<MeanWaits> = waits.flatten().collect();
        let longest = all.iter().map(|b| b.measured.max(b.random_split));
        let largest = longest.fold(0.0, f64::max);
        let x = Axis::from_zero(largest / US_PER_MS, units::tick).titled("ms");
        let plane = rows.panel(&canvas, (index, PICKS.len()), (what, x), 0.0);
        for (row, waits) in all.iter().enumerate() {
            let strategy = rows.all[row].0;
            canvas.series(strategy.style, || {
                mark(&plane, row, waits, strategy.style);
                let at = (waits.measured / US_PER_MS, middle(row));
                plane.hit(at, &waits.tip(strategy.strategy, what));
            });
        }
    }
    canvas.finish()
}

fn mark(plane: &Plane, row: usize, waits: &MeanWaits, style: SeriesStyle) {
    let (top, bottom) = bar(row);
    let [measured, ideal, random] =
        [waits.measured, waits.common_queue, waits.random_split].map(|us| us / US_PER_MS);
    plane.rect(BAND, (ideal, top), (random, bottom), "");
    for x in [ideal, random] {
        plane.line(MARK, (x, top), (x, bottom));
    }
    plane.marker((measured, middle(row)), style);
}

fn table(rows: &StrategyRows) -> Table {
    let mut table = Table::with_head([
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
        let [mean, p99] = PICKS.map(|(_, pick)| MeanWaits::of(strategy, pick));
        let (Some(mean), Some(p99)) = (mean, p99) else {
            continue;
        };
        let three =
            |b: &MeanWaits| [b.measured, b.common_queue, b.random_split].map(units::duration);
        let way = or_absent(mean.way(), |way| format!("{:.0}%", way * 100.0));
        let mut row = vec![strategy.strategy.to_owned()];
        row.extend(three(&mean));
        row.push(way);
        row.extend(three(&p99));
        table.push(row);
    }
    table
}
