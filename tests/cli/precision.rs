//! Studies that run until they are precise.

use std::fs;

use serde_json::Value;

use crate::program::{evenkeel, record};

/// Two strategies in trials of a tenth of a second.
const TWO: &str =
    "run -s single -s reuseport -S bare-keep-alive -d 100ms --warmup 20ms -w 2 -c 4 -o OUT";

fn blocks(trials: &[Value]) -> usize {
    assert_eq!(trials.len() % 2, 0, "whole blocks only");
    trials.len() / 2
}

#[test]
fn a_study_ends_when_its_confidence_intervals_are_narrow_enough_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let order = "--precision 100% --max-time 2m --margin 4%";
    let finished = evenkeel(&format!("{TWO} {order}"), folder.path());
    finished.assert_measured();
    for words in [
        "within 100% of its ratio, or 2m are over: 6 to",
        "The study has ended: ",
    ] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
    assert!(finished.out.contains("precision: "), "{finished:?}");
    let (header, trials) = record(&folder.path().join("OUT"));
    let plan = &header["plan"];
    let planned = ["blocks", "precision", "max_time_s", "margin"].map(|key| plan[key].as_f64());
    assert_eq!(planned, [6.0, 1.0, 120.0, 0.04].map(Some));
    assert!(blocks(&trials) >= 6, "fewer blocks give no verdict");
    assert!(!finished.out.contains("incomplete"), "{finished:?}");
}

#[test]
fn a_study_that_cannot_be_precise_enough_ends_at_its_time_limit_and_is_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(
        &format!("{TWO} --precision 0.001% --max-time 3s"),
        folder.path(),
    );
    finished.assert_measured();
    assert!(
        finished.err.contains("would not end within 3s"),
        "{finished:?}"
    );
    let (_, trials) = record(&folder.path().join("OUT"));
    let before = blocks(&trials);
    assert!(before >= 6, "the fewest blocks are run in any case");
    assert!(!finished.out.contains("incomplete"), "{finished:?}");
}

#[test]
fn an_interrupted_study_with_a_precision_resumes_within_its_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let order = "--precision 100% --max-time 2m";
    evenkeel(&format!("{TWO} {order}"), folder.path()).assert_measured();
    let path = folder.path().join("OUT/results.jsonl");
    let whole = fs::read_to_string(&path).expect("a record");
    let cut: String = whole.split_inclusive('\n').take(1 + 5).collect();
    fs::write(&path, &cut).expect("room");
    let finished = evenkeel("run --resume OUT", folder.path());
    finished.assert_measured();
    assert!(
        finished.err.contains("The study has ended: "),
        "{finished:?}"
    );
    let (_, trials) = record(&folder.path().join("OUT"));
    assert!(blocks(&trials) >= 6);
    let again = fs::read_to_string(&path).expect("a record");
    assert!(again.starts_with(&cut), "what was measured stays");
}

#[test]
fn the_plan_shows_the_expected_duration() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(
        &format!("{TWO} --precision 3% --max-time 1m --dry-run"),
        folder.path(),
    );
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for words in [
        "6 blocks = 12 at least",
        "adds blocks:",
        "or 1m are over",
        "at least\n",
    ] {
        assert!(
            finished.out.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn invalid_precisions_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    for (options, words) in [
        ("--max-time 1m", "needs `--precision`"),
        ("--precision 0%", "give a share above 0"),
        ("--precision 3", "such as 3%"),
        ("--margin -2%", "such as 3%"),
        ("--precision 3% -s single", "add another with `-s`"),
        ("--precision 3% --max-time 1s", "give more time"),
    ] {
        let finished = evenkeel(&format!("run --dry-run {options}"), folder.path());
        assert_eq!(finished.code, Some(2), "{options}: {finished:?}");
        assert!(finished.err.contains(words), "{options}: {finished:?}");
    }
}
