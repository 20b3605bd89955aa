//! How connections, requests and CPU time were spread over the workers.

use super::svg::{Axis, BAND, Canvas, HALF, Plane, Rows, bar, middle};
use super::{Chart, Table, heading};
use crate::record::{Measured, WorkerFigures};
use crate::stats::{ScenarioSummary, StrategySummary, jain, max_over_mean};
use crate::units;

/// Half the width of the middle 95% of a normal distribution in standard deviations.
const MIDDLE_95: f64 = 1.96;

/// Radius of a worker's dot in pixels.
const RADIUS: f64 = 4.5;

/// How many figures the axis of a narrow panel has room for.
const MOST_TICKS: usize = 5;

/// What is shared.
struct Good {
    title: &'static str,
    of: fn(&WorkerFigures) -> Option<f64>,
}

const GOODS: [Good; 3] = [
    Good {
        title: "connections",
        of: |w| w.connections.map(|n| n as f64),
    },
    Good {
        title: "requests",
        of: |w| Some(w.requests as f64),
    },
    Good {
        title: "CPU time",
        of: |w| w.cpu_s,
    },
];

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = Rows::of(summary, |strategy, _| {
        !ranked(strategy, GOODS[1].of).is_empty()
    });
    if rows.strategies.is_empty() {
        return None;
    }
    Some(Chart {
        name: "shares",
        title: "Shares of the workers",
        caption: "Each dot is a worker's share in units of the even share, the busiest worker of \
                  each block first, then averaged over the blocks: all dots at 1 is an even \
                  spread. The band is where 95% of the workers of one block would lie if every \
                  connection went to one of them by chance (binomial); a spread as wide as the \
                  band needs no other explanation than luck.",
        svg: drawn(summary, &rows),
        table: table(&rows),
    })
}

/// Mean share of each rank over blocks, in units of the even share, the busiest first. Ordered
/// within each block, since a worker that is favoured in one may be starved in the next, and an
/// average by number would hide both. Empty if there was nothing to share.
fn ranked(strategy: &StrategySummary, of: fn(&WorkerFigures) -> Option<f64>) -> Vec<f64> {
    let blocks: Vec<Vec<f64>> = strategy
        .used
        .iter()
        .filter_map(|m| in_even_shares(m, of))
        .collect();
    let ranks = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let mean = |rank: usize| {
        let sum: f64 = blocks.iter().filter_map(|block| block.get(rank)).sum();
        sum / blocks.len() as f64
    };
    (0..ranks).map(mean).collect()
}

fn in_even_shares(trial: &Measured, of: fn(&WorkerFigures) -> Option<f64>) -> Option<Vec<f64>> {
    let mut shares = trial
        .per_worker
        .iter()
        .map(of)
        .collect::<Option<Vec<f64>>>()?;
    let even = shares.iter().sum::<f64>() / shares.len() as f64;
    shares.iter_mut().for_each(|share| *share /= even);
    shares.sort_by(|a, b| b.total_cmp(a));
    (even > 0.0).then_some(shares)
}

/// Half the width of the band of luck in units of the even share: with n connections and k
/// workers a share is binomial, with a mean of n/k and a variance of n/k·(1 − 1/k). `None`
/// without connections, or for one worker, which has no luck.
fn luck(strategy: &StrategySummary) -> Option<f64> {
    let trial = strategy.used.first()?;
    let workers = trial.per_worker.len() as f64;
    let connections: u64 = trial
        .per_worker
        .iter()
        .map(|w| w.connections)
        .sum::<Option<u64>>()?;
    let deviation = ((workers - 1.0) / connections as f64).sqrt();
    (connections > 0 && workers > 1.0).then_some(MIDDLE_95 * deviation)
}

fn drawn(summary: &ScenarioSummary, rows: &Rows) -> String {
    let name = &summary.scenario.name;
    let what = format!(
        "Dot charts: share of connections, requests and CPU time of each worker by strategy under {name}"
    );
    let canvas = Canvas::new(&what, rows.height());
    let key = "dot: a worker, in units of the even share · band: what luck alone would give";
    canvas.heading(&heading("Shares of the workers", summary), key);
    rows.labels(&canvas);
    let all = GOODS
        .iter()
        .flat_map(|good| rows.strategies.iter().flat_map(|(s, _)| ranked(s, good.of)));
    let largest = all.fold(1.5, f64::max);
    for (index, good) in GOODS.iter().enumerate() {
        let x = Axis::from_zero(largest, units::tick).titled("× even share");
        let step = x.named().div_ceil(MOST_TICKS);
        let x = x.thinned(|index, _| index % step == 0);
        let plane = rows.panel(&canvas, (index, GOODS.len()), (good.title, x), 0.0);
        rows.rule(&plane, 1.0);
        for row in 0..rows.strategies.len() {
            let strategy = rows.strategies[row].0;
            canvas.series(strategy.position, || dots(&plane, strategy, row, good));
        }
    }
    canvas.finish()
}

fn dots(plane: &Plane, strategy: &StrategySummary, row: usize, good: &Good) {
    let shares = ranked(strategy, good.of);
    if let Some(half) = luck(strategy) {
        let (low, high) = ((1.0 - half).max(0.0), 1.0 + half);
        let tip = format!(
            "{}: luck alone gives {low:.2} to {high:.2} × the even share",
            strategy.strategy
        );
        let (top, bottom) = bar(row);
        plane.rect(BAND, (low, top), (high, bottom), &tip);
    }
    for (rank, share) in shares.iter().enumerate() {
        let tip = format!(
            "{}: {share:.2} × the even share of {} (worker {} of {} by share)",
            strategy.strategy,
            good.title,
            rank + 1,
            shares.len()
        );
        plane.dot(HALF, (*share, middle(row)), RADIUS, &tip);
    }
}

fn table(rows: &Rows) -> Table {
    let mut table = Table::new([
        "strategy",
        "connections: busiest ÷ even",
        "Jain",
        "requests: busiest ÷ even",
        "Jain",
        "CPU time: busiest ÷ even",
        "Jain",
        "luck alone",
    ]);
    for (strategy, _) in &rows.strategies {
        let mut row = vec![strategy.strategy.to_owned()];
        for good in &GOODS {
            let shares = ranked(strategy, good.of);
            for index in [max_over_mean(&shares), jain(&shares)] {
                row.push(index.map_or(super::ABSENT.to_owned(), |index| format!("{index:.3}")));
            }
        }
        row.push(luck(strategy).map_or(super::ABSENT.to_owned(), |half| {
            format!("± {}", units::percent(half))
        }));
        table.rows.push(row);
    }
    table
}
