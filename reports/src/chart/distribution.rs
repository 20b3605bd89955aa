//! How response times are distributed: a hill per strategy.

use super::svg::{Axis, Canvas, DataPoint, HALF, HIT, Plane, StrategyRows, bar};
use super::{Chart, Table, heading, merged};
use crate::error::RenderError;
use crate::histogram::{Histogram, NS_PER_US};
use crate::stats::ScenarioSummary;
use crate::units;

/// Bins per factor of ten: a bin is about 8% wide.
const BINS_PER_DECADE: f64 = 30.0;

/// How high the highest hill is, in units of a row, of which the foot stands a little above the end.
const HILL: f64 = 0.85;

/// How many labels stand side by side below the hills.
const MOST_LABELS: usize = 7;

/// Where a table cuts the distribution: tenths, but for the ends.
const CUTS: [f64; 7] = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

/// Shares of all answers by bins of the logarithm of microseconds, from some first bin on.
struct Hill {
    first: i64,
    shares: Vec<f64>,
}

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let merged = merged(summary)?;
    let answered: Vec<_> = merged.iter().filter(|(_, h)| h.max() > 0).collect();
    if answered.is_empty() {
        return Ok(None);
    }
    let rows = StrategyRows::of(summary, |strategy, _| {
        answered
            .iter()
            .any(|(s, _)| s.strategy == strategy.strategy)
    });
    let hills: Vec<Hill> = answered.iter().map(|(_, h)| Hill::of(h)).collect();
    let mut table = Table::new(["strategy", "1%", "10%", "25%", "50%", "75%", "90%", "99%"]);
    table
        .rows
        .extend(answered.iter().map(|(strategy, histogram)| {
            let cuts =
                CUTS.map(|q| units::duration(histogram.value_at_quantile(q) as f64 / NS_PER_US));
            [strategy.strategy.to_owned()]
                .into_iter()
                .chain(cuts)
                .collect()
        }));
    Ok(Some(Chart {
        name: "distribution",
        title: "Distribution of latency",
        caption: "Where answers are frequent the hill is high: one hill is one kind of answer, \
                  several are several kinds, such as short work and long, or served at once and \
                  queued. All hills have the same area, and times grow by factors. All blocks \
                  together.",
        svg: hills_drawn(summary, &rows, &hills),
        table,
    }))
}

impl Hill {
    fn of(histogram: &Histogram<u64>) -> Hill {
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
        Hill { first, shares }
    }

    /// The lower edge of a bin, microseconds.
    fn edge(&self, bin: usize) -> f64 {
        10f64.powf((self.first + bin as i64) as f64 / BINS_PER_DECADE)
    }
}

fn hills_drawn(summary: &ScenarioSummary, rows: &StrategyRows, hills: &[Hill]) -> String {
    let name = &summary.scenario.name;
    let what = format!("Ridge chart: distribution of latency of each strategy under {name}");
    let canvas = Canvas::new(&what, rows.height());
    let key = "the higher the hill, the more answers took that long";
    canvas.heading(&heading("Distribution of latency", summary), key);
    let min = hills
        .iter()
        .map(|h| h.edge(0))
        .fold(f64::INFINITY, f64::min);
    let max = hills
        .iter()
        .map(|h| h.edge(h.shares.len()))
        .fold(0.0, f64::max);
    let x = Axis::latency([min, max].into_iter()).titled("latency (logarithmic)");
    let few = x.named() <= MOST_LABELS;
    let plane = rows.panel(
        &canvas,
        (0, 1),
        ("", x.thinned(|_, us| few || is_power(us))),
        0.0,
    );
    rows.labels(&canvas);
    let highest = hills
        .iter()
        .flat_map(|h| &h.shares)
        .copied()
        .fold(0.0, f64::max);
    for (row, hill) in hills.iter().enumerate() {
        let strategy = rows.all[row].0;
        canvas.series(strategy.look, || {
            plane.area(HALF, outline(hill, bar(row).1, HILL / highest));
            tips(&plane, hill, strategy.strategy, bar(row));
        });
    }
    canvas.finish()
}

/// Whether it is a power of ten.
fn is_power(us: f64) -> bool {
    (us.log10() - us.log10().round()).abs() < 0.01
}

/// The steps of a hill, from its foot to its foot.
fn outline(hill: &Hill, base: f64, unit: f64) -> Vec<DataPoint> {
    let mut outline = vec![(hill.edge(0), base)];
    for (bin, share) in hill.shares.iter().enumerate() {
        let y = base - share * unit;
        outline.push((hill.edge(bin), y));
        outline.push((hill.edge(bin + 1), y));
    }
    outline.push((hill.edge(hill.shares.len()), base));
    outline
}

/// Fields of three bins that tell the share of answers in them.
fn tips(plane: &Plane, hill: &Hill, key: &str, (top, base): (f64, f64)) {
    for (field, shares) in hill.shares.chunks(3).enumerate() {
        let share: f64 = shares.iter().sum();
        if share <= 0.0 {
            continue;
        }
        let (from, to) = (hill.edge(field * 3), hill.edge(field * 3 + shares.len()));
        let [low, high] = [from, to].map(units::duration);
        let tip = format!(
            "{key}: {} of the answers took {low} to {high}",
            units::percent(share)
        );
        plane.rect(HIT, (from, top), (to, base), &tip);
    }
}
