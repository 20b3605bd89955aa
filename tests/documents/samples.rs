//! Output that documents show.

use crate::markdown::{blocks, root};

/// A report in full, which the tests of reports compare with what is written.
const REPORT: &str = "reports/tests/data/eight-strategies.text";

fn heads(text: &str) -> Vec<Vec<&str>> {
    let heads = text.lines().filter(|line| line.starts_with("strategy "));
    heads
        .map(|head| head.split_whitespace().collect())
        .collect()
}

#[test]
fn sample_tables_have_the_columns_of_a_report() {
    let report = std::fs::read_to_string(root().join(REPORT)).expect("UTF-8");
    let known = heads(&report);
    let samples = blocks("text");
    let shown = samples.iter().flat_map(|sample| heads(&sample.text));
    let shown: Vec<_> = shown.collect();
    assert!(!shown.is_empty());
    for head in shown {
        assert!(known.contains(&head), "{head:?} is not in {known:?}");
    }
}
