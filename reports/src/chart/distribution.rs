//! The distribution of response times: a ridge per strategy.

use super::histograms::merged;
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, DataPoint, HALF, HIT, Plane, StrategyRows, bar};
use crate::histogram::{Histogram, NS_PER_US};
use crate::stats::ScenarioSummary;
use crate::table::Table;
use crate::units;

/// Bins per factor of ten: a bin is about 8% wide.
const BINS_PER_DECADE: f64 = 30.0;

/// Height of the highest ridge, in units of a row.
const HEIGHT: f64 = 0.85;

/// Most labels below the ridges.
const MOST_LABELS: usize = 7;

/// Quantiles in the table.
const QUANTILES: [f64; 7] = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

/// Shares of all answers in bins of the logarithm of microseconds.
struct Ridge {
    /// Number of the first bin; bin 0 begins at one microsecond.
    first: i64,
    shares: Vec<f64>,
}

pub(super) static DISTRIBUTION: ChartInfo = ChartInfo {
    name: "distribution",
    title: "Distribution of latency",
    caption: "The ridge is high where answers are frequent. One peak is one kind of answer; several \
              are several kinds, such as short and long work, or served at once and queued. All \
              ridges have the same area, and the time axis is logarithmic. All blocks together.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let merged = merged(summary)?;
    let answered: Vec<_> = merged.iter().filter(|(_, h)| h.max() > 0).collect();
    let rows = StrategyRows::of(summary, |strategy, _| {
        let mut answered = answered.iter();
        answered.any(|(s, _)| s.strategy == strategy.strategy)
    });
    let ridges: Vec<Ridge> = answered.iter().map(|(_, h)| Ridge::of(h)).collect();
    let mut table = Table::with_head(["strategy", "1%", "10%", "25%", "50%", "75%", "90%", "99%"]);
    for (strategy, histogram) in &answered {
        let ns = QUANTILES.map(|quantile| histogram.value_at_quantile(quantile) as f64);
        let times = ns.map(|ns| units::duration(ns / NS_PER_US));
        let row = [strategy.strategy.to_owned()].into_iter().chain(times);
        table.push(row);
    }
    Ok((!ridges.is_empty()).then(|| Drawing {
        svg: draw_ridges(summary, &rows, &ridges),
        table,
    }))
}

impl Ridge {
    fn of(histogram: &Histogram<u64>) -> Ridge {
        let bin = |ns: u64| {
            let us = (ns as f64 / NS_PER_US).max(1.0 / NS_PER_US);
            (us.log10() * BINS_PER_DECADE).floor() as i64
        };
        let (first, last) = (bin(histogram.min_nz()), bin(histogram.max()));
        let mut shares = vec![0.0; (last - first + 1).max(1) as usize];
        for step in histogram.iter_recorded() {
            let at = (bin(step.value_iterated_to()) - first).clamp(0, shares.len() as i64 - 1);
            shares[at as usize] += step.count_at_value() as f64 / histogram.len() as f64;
        }
        Ridge { first, shares }
    }

    /// Returns the lower edge of a bin, microseconds.
    fn edge(&self, bin: usize) -> f64 {
        10f64.powf((self.first + bin as i64) as f64 / BINS_PER_DECADE)
    }
}

fn draw_ridges(summary: &ScenarioSummary, rows: &StrategyRows, ridges: &[Ridge]) -> String {
    let canvas = rows.canvas(
        summary,
        DISTRIBUTION.title,
        "Ridge chart: distribution of latency of each strategy",
        "the higher the ridge, the more answers took that long",
    );
    let ends = |ridge: &Ridge| [ridge.edge(0), ridge.edge(ridge.shares.len())];
    let x = Axis::latency(ridges.iter().flat_map(ends)).titled("latency (logarithmic)");
    let few = x.named() <= MOST_LABELS;
    let plane = rows.panel(
        &canvas,
        (0, 1),
        ("", x.thinned(|_, us| few || is_power(us))),
        0.0,
    );
    let shares = ridges.iter().flat_map(|h| &h.shares);
    let highest = shares.copied().fold(0.0, f64::max);
    for (row, ridge) in ridges.iter().enumerate() {
        let strategy = rows.all[row].0;
        canvas.series(strategy.style, || {
            plane.area(HALF, outline(ridge, bar(row).1, HEIGHT / highest));
            tips(&plane, ridge, strategy.strategy, bar(row));
        });
    }
    canvas.finish()
}

fn is_power(us: f64) -> bool {
    (us.log10() - us.log10().round()).abs() < 0.01
}

/// Returns the outline of a ridge, from its left end to its right end.
fn outline(ridge: &Ridge, base: f64, unit: f64) -> Vec<DataPoint> {
    let mut outline = vec![(ridge.edge(0), base)];
    for (bin, share) in ridge.shares.iter().enumerate() {
        let y = base - share * unit;
        outline.push((ridge.edge(bin), y));
        outline.push((ridge.edge(bin + 1), y));
    }
    outline.push((ridge.edge(ridge.shares.len()), base));
    outline
}

/// Draws areas of three bins each that show the share of answers in them on hover.
fn tips(plane: &Plane, ridge: &Ridge, key: &str, (top, base): (f64, f64)) {
    for (field, shares) in ridge.shares.chunks(3).enumerate() {
        let share: f64 = shares.iter().sum();
        if share <= 0.0 {
            continue;
        }
        let (from, to) = (ridge.edge(field * 3), ridge.edge(field * 3 + shares.len()));
        let [low, high] = [from, to].map(units::duration);
        let tip = format!(
            "{key}: {} of the answers took {low} to {high}",
            units::percent(share)
        );
        plane.rect(HIT, (from, top), (to, base), &tip);
    }
}
