//! How connections, requests and CPU time were spread over the workers.

use std::num::NonZeroU32;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, BAND, HALF, Plane, StrategyRows, bar, middle};
use crate::record::{Measured, WorkerFigures};
use crate::stats::{
    self, Chance, ChanceRange, ScenarioSummary, StrategySummary, jain, max_over_mean,
};
use crate::table::{Table, or_absent};
use crate::units;

/// Seed of the random draws. Any would do; a fixed one gives the same page from the same record.
const SEED: u64 = 1;

/// Radius of a worker's dot in pixels.
const RADIUS: f64 = 4.5;

struct Resource {
    title: &'static str,
    of: fn(&WorkerFigures) -> Option<f64>,
}

const RESOURCES: [Resource; 3] = [
    Resource {
        title: "connections",
        of: |w| w.connections.map(|n| n as f64),
    },
    Resource {
        title: "requests",
        of: |w| w.requests.map(|n| n as f64),
    },
    Resource {
        title: "CPU time",
        of: |w| w.cpu_s,
    },
];

/// How the workers of a strategy shared each resource, and how chance would have shared its
/// connections.
struct WorkerShares {
    /// Mean share of each rank over blocks, in units of the even share, the busiest first.
    ranked: [Vec<f64>; 3],
    chance: Option<Chance>,
}

impl WorkerShares {
    fn of(strategy: &StrategySummary) -> WorkerShares {
        WorkerShares {
            ranked: [0, 1, 2].map(|index: usize| ranked(strategy, RESOURCES[index].of)),
            chance: chance(strategy),
        }
    }
}

pub(super) static SHARES: ChartInfo = ChartInfo {
    name: "shares",
    title: "Shares of the workers",
    caption: "Each dot is a worker's share, in units of the even share. Workers are ranked within each \
              block, the busiest first, and each rank is averaged over the blocks: all dots at 1 are an \
              even spread. The band is the spread that chance allows: if every connection of a block \
              went to a random worker, the busiest would lie beyond its right end in 2.5% of the cases, \
              and the least busy beyond its left end in 2.5%. A spread within the band needs no other \
              explanation.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let rows = StrategyRows::of(summary, |strategy, _| {
        !ranked(strategy, RESOURCES[1].of).is_empty()
    });
    let all = rows.all.iter().map(|(s, _)| WorkerShares::of(s));
    let all: Vec<WorkerShares> = all.collect();
    Ok((!all.is_empty()).then(|| Drawing {
        svg: drawn(summary, &rows, &all),
        table: table(&rows, &all),
    }))
}

/// Returns the mean share of each rank over blocks. Workers are ranked within each block, since a worker that is favoured in one may be starved in the next,
/// and an average by number would hide both. Empty if there was nothing to share.
fn ranked(strategy: &StrategySummary, of: fn(&WorkerFigures) -> Option<f64>) -> Vec<f64> {
    let blocks = strategy.used.iter().filter_map(|m| in_even_shares(m, of));
    let blocks: Vec<Vec<f64>> = blocks.collect();
    let ranks = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let mean = |rank: usize| {
        let sum: f64 = blocks.iter().filter_map(|block| block.get(rank)).sum();
        sum / blocks.len() as f64
    };
    (0..ranks).map(mean).collect()
}

fn in_even_shares(trial: &Measured, of: fn(&WorkerFigures) -> Option<f64>) -> Option<Vec<f64>> {
    let shares = trial.per_worker.iter().map(of);
    let mut shares: Vec<f64> = shares.collect::<Option<_>>()?;
    let even = shares.iter().sum::<f64>() / shares.len() as f64;
    shares.iter_mut().for_each(|share| *share /= even);
    shares.sort_by(|a, b| b.total_cmp(a));
    (even > 0.0).then_some(shares)
}

/// Returns the shares that chance gives with the connections of the first block; `None` without
/// connections, and for a single worker.
fn chance(strategy: &StrategySummary) -> Option<Chance> {
    let workers = &strategy.used.first()?.per_worker;
    let connections: u64 = workers.iter().map(|w| w.connections).sum::<Option<u64>>()?;
    let several = NonZeroU32::new(workers.len() as u32).filter(|count| count.get() > 1)?;
    stats::chance(connections, several, &mut Pcg64Mcg::seed_from_u64(SEED))
}

fn drawn(summary: &ScenarioSummary, rows: &StrategyRows, all: &[WorkerShares]) -> String {
    let canvas = rows.canvas(
        summary,
        SHARES.title,
        "Dot charts: share of connections, requests and CPU time of each worker by strategy",
        "dot: a worker, in units of the even share · band: what chance alone would give",
    );
    let shares = all.iter().flat_map(|one| one.ranked.iter().flatten());
    let by_chance = all.iter().filter_map(|one| one.chance);
    let by_chance = by_chance.map(|chance| chance.max_over_mean.high);
    let largest = shares.copied().chain(by_chance).fold(1.5, f64::max);
    for (index, resource) in RESOURCES.iter().enumerate() {
        let x = Axis::from_zero(largest, units::tick).titled("× even share");
        let plane = rows.panel(&canvas, (index, RESOURCES.len()), (resource.title, x), 0.0);
        rows.rule(&plane, 1.0);
        for (row, shares) in all.iter().enumerate() {
            let strategy = rows.all[row].0;
            canvas.series(strategy.style, || {
                band(&plane, strategy.strategy, shares, row);
                let ranked = &shares.ranked[index];
                dots(&plane, strategy.strategy, ranked, (row, resource));
            });
        }
    }
    canvas.finish()
}

fn band(plane: &Plane, key: &str, shares: &WorkerShares, row: usize) {
    let Some(chance) = shares.chance else {
        return;
    };
    let (low, high) = (chance.min_over_mean.low, chance.max_over_mean.high);
    let tip = format!("{key}: chance alone gives {low:.2} to {high:.2} × the even share");
    let (top, bottom) = bar(row);
    plane.rect(BAND, (low, top), (high, bottom), &tip);
}

fn dots(plane: &Plane, key: &str, shares: &[f64], (row, resource): (usize, &Resource)) {
    for (rank, share) in (1..).zip(shares) {
        let (what, workers) = (resource.title, shares.len());
        let tip = format!(
            "{key}: {share:.2} × the even share of {what} (worker {rank} of {workers} by share)"
        );
        plane.dot(HALF, (*share, middle(row)), RADIUS, &tip);
    }
}

fn table(rows: &StrategyRows, all: &[WorkerShares]) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "connections: busiest ÷ even",
        "Jain",
        "requests: busiest ÷ even",
        "Jain",
        "CPU time: busiest ÷ even",
        "Jain",
        "chance alone: busiest ÷ even",
        "Jain",
    ]);
    for ((strategy, _), shares) in rows.all.iter().zip(all) {
        let mut row = vec![strategy.strategy.to_owned()];
        for shares in &shares.ranked {
            for index in [max_over_mean(shares), jain(shares)] {
                row.push(or_absent(index, |index| format!("{index:.3}")));
            }
        }
        let ranges = [|c: Chance| c.max_over_mean, |c: Chance| c.jain];
        row.extend(ranges.map(|of| or_absent(shares.chance.map(of), range)));
        table.push(row);
    }
    table
}

/// The middle 95% of outcomes.
fn range(band: ChanceRange) -> String {
    format!("{:.3} to {:.3}", band.low, band.high)
}
