//! The cells of a contrast, before they are laid out.

use super::row::Row;
use crate::compare::{MOST_BLOCKS, Metric, Verdict};
use crate::stats::Spread;
use crate::units;

/// Headings.
pub(super) const COLUMNS: [&str; 11] = [
    "metric",
    "strategy",
    "A",
    "±",
    "B",
    "±",
    "B/A",
    "95% interval",
    "p",
    "blocks",
    "verdict",
];

/// How many of the first and how many of the last columns are words, and not numbers.
pub(super) const WORDS: (usize, usize) = (2, 1);

/// How to read the table.
pub(super) const LEGEND: [&str; 4] = [
    "A and B are medians over blocks with ± their 95% intervals; B/A is the mean ratio over blocks.",
    "p is corrected for the number of comparisons; a verdict is about a change beyond the margin.",
    "~ no difference shown: not that there is none.",
    "needs: as many blocks show a true change of 5% in nine studies of ten.",
];

/// Where there is no figure.
const ABSENT: &str = "–";

pub(super) fn cells(row: &Row) -> [String; 11] {
    let comparison = &row.comparison;
    let figure = |spread: Option<Spread>| {
        spread.map_or(ABSENT.into(), |spread| {
            shown(comparison.metric, spread.median)
        })
    };
    let half_width = |spread: Option<Spread>| {
        let half_width = spread.and_then(|spread| spread.relative_half_width());
        half_width.map_or(ABSENT.into(), units::percent)
    };
    let ratio = comparison.ratio;
    [
        comparison.metric.name().to_owned(),
        comparison.candidate.to_owned(),
        figure(row.baseline_figure),
        half_width(row.baseline_figure),
        figure(row.candidate_figure),
        half_width(row.candidate_figure),
        ratio.map_or(ABSENT.into(), |ratio| format!("{:.3}", ratio.estimate)),
        ratio.map_or(ABSENT.into(), |ratio| {
            format!("{:.3} to {:.3}", ratio.low, ratio.high)
        }),
        comparison.p.map_or(ABSENT.into(), probability),
        comparison.blocks.to_string(),
        verdict(row),
    ]
}

/// `better`, `worse`, `~` or `~ needs 14 blocks`.
fn verdict(row: &Row) -> String {
    let comparison = &row.comparison;
    match (comparison.verdict, comparison.blocks_needed) {
        (Verdict::NoDifferenceShown, Some(needed)) => format!("~ needs {}", blocks(needed)),
        (Verdict::NoDifferenceShown, None) => "~".to_owned(),
        (shown, _) => shown.label().to_owned(),
    }
}

/// `14 blocks`, or `10,000 blocks or more`.
pub(super) fn blocks(needed: usize) -> String {
    let more = if needed >= MOST_BLOCKS {
        " or more"
    } else {
        ""
    };
    format!("{}{more}", units::plural(needed, "block"))
}

fn shown(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Throughput => units::count(value),
        Metric::P50 | Metric::P99 | Metric::P999 | Metric::CpuPerRequest => units::duration(value),
        Metric::Fairness => format!("{value:.3}"),
    }
}

fn probability(p: f64) -> String {
    if p < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}
