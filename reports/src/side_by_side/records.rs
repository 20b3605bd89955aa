//! A record per comparison with flat columns, for CSV.

use super::row::Row;
use crate::format;
use crate::stats::Spread;

pub(super) fn records(rows: &[Row]) -> Vec<Vec<String>> {
    format::records(COLUMNS, rows.iter())
}

type RowColumn = (&'static str, fn(&Row) -> Option<String>);

#[rustfmt::skip] // A table is easier to read with a line per column.
const COLUMNS: &[RowColumn] = &[
    ("scenario", |r| Some(r.comparison.scenario.to_owned())),
    ("metric", |r| Some(r.comparison.metric.name().to_owned())),
    ("unit", |r| Some(r.unit.to_owned())),
    ("baseline", |r| Some(r.comparison.baseline.to_owned())),
    ("candidate", |r| Some(r.comparison.candidate.to_owned())),
    ("baseline_mean", |r| spread(r.comparison.baseline_figure, |s| s.mean)),
    ("baseline_min", |r| spread(r.comparison.baseline_figure, |s| s.min)),
    ("baseline_max", |r| spread(r.comparison.baseline_figure, |s| s.max)),
    ("candidate_mean", |r| spread(r.comparison.candidate_figure, |s| s.mean)),
    ("candidate_min", |r| spread(r.comparison.candidate_figure, |s| s.min)),
    ("candidate_max", |r| spread(r.comparison.candidate_figure, |s| s.max)),
    ("ratio", |r| Some(r.comparison.ratio?.estimate.to_string())),
    ("ratio_low", |r| Some(r.comparison.interval()?.low.to_string())),
    ("ratio_high", |r| Some(r.comparison.interval()?.high.to_string())),
    ("ratio_interval", |r| Some(r.comparison.interval()?.kind.name().to_owned())),
    ("p", |r| r.comparison.p.map(|p| p.to_string())),
    ("blocks", |r| Some(r.comparison.blocks.to_string())),
    ("blocks_needed", |r| r.comparison.blocks_needed.map(|n| n.to_string())),
    ("verdict", |r| Some(r.comparison.verdict.label().to_owned())),
    ("required", |r| Some(r.required.to_string())),
    ("rule_out", |r| Some(r.rule_out.to_string())),
    ("ruled_out", |r| Some(r.ruled_out.to_string())),
    ("blocks_to_rule_out", |r| Some(r.blocks_to_rule_out.to_string())),
];

fn spread(spread: Option<Spread>, value: fn(Spread) -> f64) -> Option<String> {
    spread.map(|spread| value(spread).to_string())
}
