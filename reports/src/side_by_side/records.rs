//! A record per comparison with flat columns, for CSV.

use super::row::Row;
use crate::compare::Ratio;
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
    ("baseline_median", |r| spread(r.baseline_figure, |s| s.median)),
    ("baseline_min", |r| spread(r.baseline_figure, |s| s.min)),
    ("baseline_max", |r| spread(r.baseline_figure, |s| s.max)),
    ("candidate_median", |r| spread(r.candidate_figure, |s| s.median)),
    ("candidate_min", |r| spread(r.candidate_figure, |s| s.min)),
    ("candidate_max", |r| spread(r.candidate_figure, |s| s.max)),
    ("ratio", |r| ratio(r, |ratio| ratio.estimate)),
    ("ratio_low", |r| ratio(r, |ratio| ratio.low)),
    ("ratio_high", |r| ratio(r, |ratio| ratio.high)),
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

fn ratio(row: &Row, value: fn(Ratio) -> f64) -> Option<String> {
    row.comparison.ratio.map(|ratio| value(ratio).to_string())
}
