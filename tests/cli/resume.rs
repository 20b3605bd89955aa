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
        "-b 9",
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
