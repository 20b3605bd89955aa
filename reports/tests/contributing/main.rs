//! What CONTRIBUTING.md shows is a format.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;

/// What surrounds the format that CONTRIBUTING.md shows.
mod format {
    pub(crate) use evenkeel_reports::format::*;

    mod tsv;

    pub(crate) static EXAMPLE: Format = &tsv::TSV;
}

use common::stored;
use evenkeel_reports::Style;

#[test]
fn the_example_is_shown_as_it_is_compiled_here() {
    let shown = include_str!("../../../CONTRIBUTING.md");
    assert!(shown.contains(include_str!("format/tsv.rs")));
}

#[test]
fn the_example_writes_the_names_and_a_line_per_trial() {
    let study = stored();
    let text = format::EXAMPLE.render(&study, Style::default()).unwrap();
    assert!(text.starts_with("strategy\tscenario\tblock\t"));
    assert_eq!(text.lines().count(), 1 + study.trials.len());
}
