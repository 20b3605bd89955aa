//! Resumed studies.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{SMALL, evenkeel, record};

/// Runs a study in `OUT` to its end.
fn finished(folder: &Path) {
    evenkeel(&format!("{SMALL} -o OUT"), folder).assert_measured();
}

fn record_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("OUT/results.jsonl")).expect("a record")
}

#[test]
fn a_study_that_ended_during_a_write_is_completed_and_keeps_its_trials() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    let whole = record_of(folder.path());
    let kept: usize = whole.split_inclusive('\n').take(3).map(str::len).sum();
    fs::write(folder.path().join("OUT/results.jsonl"), &whole[..kept + 20]).expect("room");

    let finished = evenkeel("run --resume OUT", folder.path());
    finished.assert_measured();
    assert!(finished.err.contains("cut off"), "{finished:?}");
    let again = record_of(folder.path());
    assert_eq!(
        again[..kept],
        whole[..kept],
        "header and first trials stay as they were"
    );
    let cells = || {
        let (_, trials) = record(&folder.path().join("OUT"));
        let mut cells: Vec<String> = trials
            .iter()
            .map(|trial| format!("{}{}", trial["strategy"], trial["block"]))
            .collect();
        cells.sort_unstable();
        cells
    };
    assert_eq!(
        cells(),
        [
            "\"reuseport\"0",
            "\"reuseport\"1",
            "\"single\"0",
            "\"single\"1"
        ]
    );
}

#[test]
fn a_finished_study_has_no_trials_left() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    let before = record_of(folder.path());
    let finished = evenkeel("run -q --resume OUT", folder.path());
    finished.assert_measured();
    assert!(finished.out.contains("reuseport"));
    assert_eq!(record_of(folder.path()), before);
}

#[test]
fn resuming_on_another_host_or_with_another_version_gives_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    let here = evenkeel("run -q --resume OUT", folder.path());
    assert!(!here.err.contains("since this study was begun"), "{here:?}");
    let (mut header, _) = record(&folder.path().join("OUT"));
    let old = record_of(folder.path());
    let (_, trials) = old.split_once('\n').expect("lines");
    header["host"]["kernel"] = "0.1-elsewhere".into();
    header["evenkeel"] = "0.0.1".into();
    let write = |header: &Value| {
        let path = folder.path().join("OUT/results.jsonl");
        fs::write(path, format!("{header}\n{trials}")).expect("room");
    };
    write(&header);
    let finished = evenkeel("run -q --resume OUT", folder.path());
    for words in [
        "kernel was 0.1-elsewhere and is",
        "evenkeel was 0.0.1 and is",
    ] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
    header["evenkeel"] = env!("CARGO_PKG_VERSION").into();
    header["sha256"] = "0".repeat(64).into();
    write(&header);
    let rebuilt = evenkeel("run -q --resume OUT", folder.path());
    assert!(rebuilt.err.contains("was rebuilt since"), "{rebuilt:?}");
}

#[test]
fn a_resumed_study_cannot_get_another_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    for option in [
        "-s single",
        "-w 2",
        "-d 1s",
        "--quick",
        "-o OUT",
        "--study x.toml",
    ] {
        let finished = evenkeel(&format!("run --resume OUT {option}"), folder.path());
        assert_eq!(finished.code, Some(2), "{option}");
        assert!(finished.err.contains("cannot be used with"), "{finished:?}");
    }
}

/// Number of trials of a scenario in a record.
fn trials_of(folder: &Path, scenario: &str) -> usize {
    let (_, trials) = record(&folder.join("OUT"));
    let of_it = trials.iter().filter(|trial| trial["scenario"] == scenario);
    of_it.count()
}

#[test]
fn a_study_can_be_extended_by_blocks() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    let before = record_of(folder.path());
    let extended = evenkeel("run -q --resume OUT -b 4", folder.path());
    extended.assert_measured();
    let after = record_of(folder.path());
    assert!(after.starts_with(&before), "what was measured stays");
    let line = after[before.len()..].lines().next().expect("a line");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(
        (&line["type"], &line["blocks"]),
        (&"extension".into(), &4.into())
    );
    let (header, _) = record(&folder.path().join("OUT"));
    assert_eq!(header["plan"]["blocks"], 2, "the first line stays");

    assert_eq!(trials_of(folder.path(), "bare-keep-alive"), 8);
    let json = evenkeel("report OUT --format json", folder.path());
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["header"]["plan"]["blocks"], 4);
    assert_eq!(json["completeness"]["planned"], 8);
}

#[test]
fn a_study_can_be_extended_by_a_scenario() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    let before = record_of(folder.path());
    let planned = evenkeel(
        "run --resume OUT -S bare-short-lived --dry-run",
        folder.path(),
    );
    assert!(planned.out.contains("left:        4 trials"), "{planned:?}");
    assert_eq!(
        record_of(folder.path()),
        before,
        "a dry run changes nothing"
    );
    let extended = evenkeel(
        "run -q --resume OUT -S bare-short-lived -b 3",
        folder.path(),
    );
    extended.assert_measured();
    for scenario in ["bare-keep-alive", "bare-short-lived"] {
        assert_eq!(trials_of(folder.path(), scenario), 6);
        assert!(extended.out.contains(scenario), "{extended:?}");
    }
    assert!(record_of(folder.path()).starts_with(&before));
    let again = evenkeel("run -q --resume OUT", folder.path());
    again.assert_measured();
}

#[test]
fn a_study_grows_only_by_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    finished(folder.path());
    for (options, words) in [
        ("-b 1", "less than the 2 blocks"),
        ("-S bare-keep-alive", "already part of the study"),
        ("-S nothing", "there is no scenario `nothing`"),
    ] {
        let refused = evenkeel(&format!("run --resume OUT {options}"), folder.path());
        assert_eq!(refused.code, Some(2), "{options}: {refused:?}");
        assert!(refused.err.contains(words), "{options}: {refused:?}");
    }
}
