//! `evenkeel compare`.

use std::fs;

use serde_json::{Value, json};

use crate::program::{Finished, evenkeel};
use crate::recorded::{PLAIN, RECORD, Recorded};

/// Compares the studies `a` and `b`.
fn compare(a: Recorded, b: Recorded, options: &str) -> Finished {
    let folder = tempfile::tempdir().expect("a folder");
    a.write(&folder.path().join("a"));
    b.write(&folder.path().join("b"));
    evenkeel(&format!("compare a b {options}"), folder.path())
}

fn row<'a>(finished: &'a Finished, metric: &str, strategy: &str) -> &'a str {
    let mut lines = finished.out.lines();
    let starts = |line: &&str| line.split_whitespace().take(2).eq([metric, strategy]);
    lines.find(starts).unwrap_or_else(|| panic!("{finished:?}"))
}

/// Renames `reuseport` in a line of a record.
fn rename(line: &mut Value, name: &str) {
    if line["type"] == "study" {
        line["plan"]["strategies"][1]["key"] = json!(name);
    } else if line["strategy"] == "reuseport" {
        line["strategy"] = json!(name);
    }
}

#[test]
fn only_the_slower_strategy_is_worse() {
    let slower = Recorded {
        speed: 0.9,
        ..PLAIN
    };
    let finished = compare(PLAIN, slower, "");
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        row(&finished, "throughput", "reuseport").ends_with("worse"),
        "{finished:?}"
    );
    assert!(
        row(&finished, "throughput", "reuseport").contains("0.900"),
        "{finished:?}"
    );
    assert!(
        row(&finished, "throughput", "single").ends_with('~'),
        "{finished:?}"
    );
    assert!(
        finished.out.contains("did not run interleaved"),
        "{finished:?}"
    );
}

#[test]
fn a_change_within_the_margin_is_not_shown() {
    let slower = Recorded {
        speed: 0.9,
        ..PLAIN
    };
    let finished = compare(PLAIN, slower, "--margin 15%");
    assert!(
        row(&finished, "throughput", "reuseport").ends_with('~'),
        "{finished:?}"
    );
}

#[test]
fn one_block_has_no_confidence_interval_and_the_needed_number_is_stated() {
    let one = Recorded { blocks: 1, ..PLAIN };
    let finished = compare(one, one, "");
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        row(&finished, "throughput", "single").contains("~ needs 6 blocks"),
        "{finished:?}"
    );
}

#[test]
fn strategies_of_one_study_are_compared_block_by_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let by_keys = evenkeel(
        &format!("compare {RECORD} -s single -s reuseport"),
        folder.path(),
    );
    assert_eq!(by_keys.code, Some(0), "{by_keys:?}");
    assert!(
        by_keys.out.starts_with("A: single\nB: reuseport\n"),
        "{by_keys:?}"
    );
    let by_baseline = evenkeel(
        &format!("compare {RECORD} --baseline single"),
        folder.path(),
    );
    row(&by_baseline, "throughput", "handoff:sticky");
}

#[test]
fn every_format_has_the_same_comparisons() {
    let json = compare(PLAIN, PLAIN, "--format json");
    let read: Value = serde_json::from_str(&json.out).expect("JSON");
    let rows = read["rows"].as_array().expect("rows").len();
    assert!(rows > 0, "{json:?}");
    assert_eq!(
        compare(PLAIN, PLAIN, "--format csv").out.lines().count(),
        rows + 1
    );
    let markdown = compare(PLAIN, PLAIN, "--format markdown");
    let lines = markdown.out.lines();
    assert_eq!(
        lines.filter(|line| line.starts_with("| ")).count(),
        rows + 2
    );
}

#[test]
fn strategies_that_one_side_lacks_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    PLAIN.write(&folder.path().join("a"));
    PLAIN.write_with(&folder.path().join("b"), |line| rename(line, "brand-new"));
    let finished = evenkeel("compare a b", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for words in ["B lacks strategy reuseport", "A lacks strategy brand-new"] {
        assert!(finished.out.contains(words), "{finished:?}");
    }
}

#[test]
fn without_valid_trials_there_is_nothing_to_compare() {
    let invalid = Recorded {
        valid: false,
        ..PLAIN
    };
    let finished = compare(PLAIN, invalid, "");
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.err.contains("nothing can be compared"),
        "{finished:?}"
    );
    assert!(
        finished
            .out
            .contains("B lacks a valid trial of single under short-lived"),
        "{finished:?}"
    );
}

#[test]
fn markup_in_names_of_strategies_and_scenarios_is_escaped() {
    let folder = tempfile::tempdir().expect("a folder");
    let hostile = "\u{1b}[2J|<script>\n";
    let edit = |line: &mut Value| rename(line, hostile);
    PLAIN.write_with(&folder.path().join("a"), edit);
    Recorded {
        speed: 0.9,
        ..PLAIN
    }
    .write_with(&folder.path().join("b"), edit);
    let text = evenkeel("compare a b", folder.path());
    assert!(!text.out.contains('\u{1b}'), "{text:?}");
    let page = evenkeel("compare a b --html page.html", folder.path());
    assert_eq!(page.out, text.out, "the page does not change the table");
    let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
    assert!(!page.contains("|<script>"), "{page}");
    assert!(page.contains("|&lt;script&gt;"), "{page}");
    let nowhere = evenkeel("compare a b --html no/page.html", folder.path());
    assert_eq!((nowhere.code, nowhere.out.as_str()), (Some(2), ""));
    let markdown = evenkeel("compare a b --format markdown", folder.path());
    assert!(!markdown.out.contains("<script>"), "{markdown:?}");
    assert!(markdown.out.contains("\\|&lt;script&gt;"), "{markdown:?}");
}

#[test]
fn an_unusable_record_is_refused_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    PLAIN.write(&folder.path().join("good"));
    let good = fs::read_to_string(folder.path().join("good/results.jsonl")).expect("a record");
    let header = good.lines().next().expect("a header");
    for (contents, words) in [
        (String::new(), "bad: no study in it: the file is empty"),
        (
            good.replacen("\"schema\":1", "\"schema\":99", 1),
            "bad:1: format 99",
        ),
        (
            "not json\n".to_owned(),
            "bad:1: does not begin with the header",
        ),
        (format!("{header}\nnot json\n"), "bad:2: "),
        (format!("{header}\n{header}\n"), "bad:2: a second header"),
    ] {
        fs::write(folder.path().join("bad"), contents).expect("room");
        for line in [
            "compare good bad",
            "compare bad good",
            "gate --baseline good bad",
            "gate --baseline bad good",
            "gate bad",
            "compare bad",
        ] {
            let finished = evenkeel(line, folder.path());
            assert_eq!(
                (finished.code, finished.out.as_str()),
                (Some(2), ""),
                "{finished:?}"
            );
            assert!(
                finished.err.contains(words),
                "{words} is missing in {finished:?}"
            );
        }
    }
}

#[test]
fn a_truncated_record_is_compared_without_its_last_line() {
    let folder = tempfile::tempdir().expect("a folder");
    PLAIN.write(&folder.path().join("good"));
    let good = fs::read(folder.path().join("good/results.jsonl")).expect("a record");
    fs::write(folder.path().join("cut"), &good[..good.len() - 9]).expect("room");
    let finished = evenkeel("compare good cut", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        finished.out.contains("cut:25: the last line was cut off"),
        "{finished:?}"
    );
}

#[test]
fn invalid_combinations_of_arguments_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    PLAIN.write(&folder.path().join("a"));
    for (line, words) in [
        ("compare a", "nothing to compare"),
        ("compare a -s single", "nothing to compare"),
        (
            "compare a -s single -s reusport",
            "did you mean `reuseport`?",
        ),
        ("compare a -s single -s single", "compared with itself"),
        ("compare a a --baseline single", "leave them out"),
        ("compare a nowhere", "nowhere: cannot be read"),
        ("compare a a --margin 2", "`2` is not a share"),
        ("compare", "required arguments were not provided"),
    ] {
        let finished = evenkeel(line, folder.path());
        assert_eq!(
            (finished.code, finished.out.as_str()),
            (Some(2), ""),
            "{finished:?}"
        );
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
        assert_eq!(finished.err.trim_end().lines().count(), 1, "{finished:?}");
    }
}
