//! How connections, requests and CPU time were spread over the workers.

use std::num::NonZeroU32;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::svg::{Axis, BAND, Canvas, HALF, Plane, StrategyRows, bar, middle};
use super::{ABSENT, Chart, Table, heading};
use crate::record::{Measured, WorkerFigures};
use crate::stats::{self, Band, Luck, ScenarioSummary, StrategySummary, jain, max_over_mean};
use crate::units;

/// Seed of the throws behind the band of luck. Any would do; a fixed one gives the same page
/// from the same record.
const SEED: u64 = 1;

/// Radius of a worker's dot in pixels.
const RADIUS: f64 = 4.5;

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

/// How a strategy shared each of the goods, and how chance would have shared its connections.
struct Dealt {
    /// Mean share of each rank over blocks, in units of the even share, the busiest first.
    ranked: [Vec<f64>; 3],
    luck: Option<Luck>,
}

impl Dealt {
    fn of(strategy: &StrategySummary) -> Dealt {
        Dealt {
            ranked: [0, 1, 2].map(|good: usize| ranked(strategy, GOODS[good].of)),
            luck: luck(strategy),
        }
    }
}

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let rows = StrategyRows::of(summary, |strategy, _| {
        !ranked(strategy, GOODS[1].of).is_empty()
    });
    if rows.all.is_empty() {
        return None;
    }
    let dealt: Vec<Dealt> = rows.all.iter().map(|(s, _)| Dealt::of(s)).collect();
    Some(Chart {
        name: "shares",
        title: "Shares of the workers",
        caption: "Each dot is a worker's share in units of the even share, the busiest worker of \
                  each block first, then averaged over the blocks: all dots at 1 is an even \
                  spread. The band is what luck allows: if every connection of a block went to a \
                  worker by chance, the busiest would lie beyond its right end in 2.5% of such \
                  throws, and the least busy beyond its left end in 2.5%. A spread within the \
                  band needs no other explanation.",
        svg: drawn(summary, &rows, &dealt),
        table: table(&rows, &dealt),
    })
}

/// Ordered within each block, since a worker that is favoured in one may be starved in the next,
/// and an average by number would hide both. Empty if there was nothing to share.
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

/// What chance gives with the connections of the first block; `None` without connections, or for
/// one worker, which has no luck.
fn luck(strategy: &StrategySummary) -> Option<Luck> {
    let workers = &strategy.used.first()?.per_worker;
    let connections: u64 = workers.iter().map(|w| w.connections).sum::<Option<u64>>()?;
    let several = NonZeroU32::new(workers.len() as u32).filter(|count| count.get() > 1)?;
    stats::luck(connections, several, &mut Pcg64Mcg::seed_from_u64(SEED))
}

fn drawn(summary: &ScenarioSummary, rows: &StrategyRows, dealt: &[Dealt]) -> String {
    let name = &summary.scenario.name;
    let what = format!(
        "Dot charts: share of connections, requests and CPU time of each worker by strategy under {name}"
    );
    let canvas = Canvas::new(&what, rows.height());
    let key = "dot: a worker, in units of the even share · band: what luck alone would give";
    canvas.heading(&heading("Shares of the workers", summary), key);
    rows.labels(&canvas);
    let shares = dealt.iter().flat_map(|dealt| dealt.ranked.iter().flatten());
    let luckiest = dealt
        .iter()
        .filter_map(|d| Some(d.luck?.max_over_mean.high));
    let largest = shares.copied().chain(luckiest).fold(1.5, f64::max);
    for (index, good) in GOODS.iter().enumerate() {
        let x = Axis::from_zero(largest, units::tick).titled("× even share");
        let plane = rows.panel(&canvas, (index, GOODS.len()), (good.title, x), 0.0);
        rows.rule(&plane, 1.0);
        for (row, dealt) in dealt.iter().enumerate() {
            let strategy = rows.all[row].0;
            canvas.series(strategy.look, || {
                band(&plane, strategy.strategy, dealt, row);
                dots(&plane, strategy.strategy, &dealt.ranked[index], (row, good));
            });
        }
    }
    canvas.finish()
}

fn band(plane: &Plane, key: &str, dealt: &Dealt, row: usize) {
    let Some(luck) = dealt.luck else {
        return;
    };
    let (low, high) = (luck.min_over_mean.low, luck.max_over_mean.high);
    let tip = format!("{key}: luck alone gives {low:.2} to {high:.2} × the even share");
    let (top, bottom) = bar(row);
    plane.rect(BAND, (low, top), (high, bottom), &tip);
}

fn dots(plane: &Plane, key: &str, shares: &[f64], (row, good): (usize, &Good)) {
    for (rank, share) in (1..).zip(shares) {
        let (what, workers) = (good.title, shares.len());
        let tip = format!(
            "{key}: {share:.2} × the even share of {what} (worker {rank} of {workers} by share)"
        );
        plane.dot(HALF, (*share, middle(row)), RADIUS, &tip);
    }
}

fn table(rows: &StrategyRows, dealt: &[Dealt]) -> Table {
    let mut table = Table::new([
        "strategy",
        "connections: busiest ÷ even",
        "Jain",
        "requests: busiest ÷ even",
        "Jain",
        "CPU time: busiest ÷ even",
        "Jain",
        "luck alone: busiest ÷ even",
        "Jain",
    ]);
    for ((strategy, _), dealt) in rows.all.iter().zip(dealt) {
        let mut row = vec![strategy.strategy.to_owned()];
        for shares in &dealt.ranked {
            for index in [max_over_mean(shares), jain(shares)] {
                row.push(index.map_or(ABSENT.to_owned(), |index| format!("{index:.3}")));
            }
        }
        let chance = [
            dealt.luck.map(|luck| luck.max_over_mean),
            dealt.luck.map(|luck| luck.jain),
        ];
        row.extend(chance.map(|band| band.map_or(ABSENT.to_owned(), range)));
        table.rows.push(row);
    }
    table
}

/// The middle 95% of outcomes.
fn range(band: Band) -> String {
    format!("{:.3} to {:.3}", band.low, band.high)
}
