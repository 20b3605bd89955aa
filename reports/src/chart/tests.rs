//! The chart in CONTRIBUTING.md, and what holds for the list of charts.

mod failures;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::path::Path;

use super::{CHARTS, Scope, info, svg};
use crate::stats::summarize;
use crate::study::Study;
use crate::table::Table;

#[test]
fn the_chart_that_contributing_shows_is_drawn() {
    let shown = include_str!("../../../CONTRIBUTING.md");
    assert!(shown.contains(include_str!("tests/failures.rs")));
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/eight-strategies.jsonl"
    );
    let study = Study::read(Path::new(file)).expect("a study");
    let summaries = summarize(&study);
    let drawn = summaries.iter().map(|summary| {
        let drawn = failures::FAILURES.drawn(Scope::Scenario(summary));
        let table = drawn.expect("usable").map(|chart| chart.drawing.table);
        (summary.scenario.name.as_str(), table)
    });
    let drawn: BTreeMap<_, _> = drawn.collect();
    assert_eq!(drawn["short-lived"], None, "nothing failed");
    let mut failed = Table::with_head(["strategy", "failed"]);
    failed.push(["proxy:round-robin", "12"]);
    assert_eq!(drawn["keep-alive"], Some(failed));
}

#[test]
fn a_name_of_a_chart_is_unique_in_its_scope_and_fit_for_a_file() {
    let names = CHARTS
        .iter()
        .map(|info| (discriminant(&info.draw), info.name));
    for (_, name) in names.clone() {
        assert_eq!(svg::file_stem(name), name);
    }
    let distinct = names.clone().map(|name| format!("{name:?}"));
    assert_eq!(distinct.collect::<BTreeSet<_>>().len(), names.count());
}
