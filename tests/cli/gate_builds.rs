//! `evenkeel gate` and `compare` on two builds in one study, and when a gate is inconclusive.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Finished, evenkeel};
use crate::recorded::{PLAIN, Recorded};

const SLOWER: Recorded = Recorded {
    speed: 0.9,
    ..PLAIN
};

/// Returns a folder with the study `out`; `edit` may change each line of its record.
fn folder_with(study: Recorded, edit: impl FnMut(&mut Value)) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    study.write_builds_with(&folder.path().join("out"), edit);
    folder
}

fn folder(study: Recorded) -> TempDir {
    folder_with(study, |_| ())
}

fn gate(folder: &TempDir, options: &str) -> Finished {
    evenkeel(&format!("gate out {options}"), folder.path())
}

/// Multiplies a figure of the candidate by a factor that alternates from block to block and is 1 on
/// (geometric) average.
fn swing(line: &mut Value, figure: &[&str]) {
    if line["strategy"] != "reuseport@candidate" {
        return;
    }
    let up = line["block"].as_u64().is_some_and(|block| block % 2 == 0);
    let place = figure.iter().fold(line, |value, key| &mut value[*key]);
    let swung = place.as_f64().expect("a number") * if up { 2.0 } else { 0.5 };
    *place = json!(swung);
}

fn exception(folder: &Path, fields: &str) {
    let text = format!("[[gate.except]]\n{fields}\n");
    fs::write(folder.join("evenkeel.toml"), text).expect("room");
}

#[test]
fn the_first_build_of_a_study_is_the_baseline_of_the_others() {
    for (study, code, words) in [
        (PLAIN, 0, "No regression shown."),
        (
            SLOWER,
            99,
            "throughput of reuseport@candidate under short-lived is 0.900 times",
        ),
        (
            Recorded {
                blocks: 1,
                ..SLOWER
            },
            3,
            "Inconclusive",
        ),
        (Recorded { blocks: 5, ..PLAIN }, 3, "Inconclusive"),
    ] {
        let finished = gate(&folder(study), "");
        assert_eq!(finished.code, Some(code), "{finished:?}");
        assert!(
            finished.out.contains(words),
            "{words} is missing in {finished:?}"
        );
        assert!(
            finished
                .out
                .starts_with("A: baseline (evenkeel 0.1.0, /baseline,"),
            "{finished:?}"
        );
        assert!(
            !finished.out.contains("did not run interleaved"),
            "{finished:?}"
        );
    }
}

#[test]
fn the_margin_of_the_study_applies_unless_another_is_given() {
    let planned = folder_with(SLOWER, |line| {
        if line["type"] == "study" {
            line["plan"]["margin"] = json!(0.2);
        }
    });
    assert_eq!(gate(&planned, "").code, Some(0));
    assert_eq!(gate(&planned, "--margin 2%").code, Some(99));
}

#[test]
fn builds_of_one_study_are_compared_by_default() {
    let folder = folder(SLOWER);
    let finished = evenkeel("compare out", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        finished.out.contains("B: candidate (evenkeel 0.1.0"),
        "{finished:?}"
    );
    let throughput = finished
        .out
        .lines()
        .find(|line| line.starts_with("throughput "));
    assert!(
        throughput.is_some_and(|row| row.ends_with("worse")),
        "{finished:?}"
    );
}

#[test]
fn a_study_of_one_build_needs_a_baseline() {
    let folder = tempfile::tempdir().expect("a folder");
    PLAIN.write(&folder.path().join("out"));
    let finished = gate(&folder, "");
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("--executable baseline=PATH"),
        "{finished:?}"
    );
}

#[test]
fn a_study_whose_builds_are_the_same_executable_is_not_judged() {
    let folder = folder_with(PLAIN, |line| {
        if line["type"] == "study" {
            for build in line["plan"]["executables"].as_array_mut().expect("a list") {
                build["sha256"] = json!("0".repeat(64));
            }
        }
    });
    let finished = gate(&folder, "");
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    let words = "`baseline` and `candidate` are the same executable (SHA-256 000000";
    assert!(finished.err.contains(words), "{finished:?}");
}

#[test]
fn a_noisy_metric_that_is_not_required_is_reported_and_changes_no_outcome() {
    let folder = folder_with(PLAIN, |line| swing(line, &["latency_us", "p99"]));
    let finished = gate(&folder, "");
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let words = "Undecided, without effect on the outcome: p99 of reuseport@candidate";
    assert!(finished.out.contains(words), "{finished:?}");
    exception(folder.path(), "metric = \"p99\"\nrequire = true");
    let finished = gate(&folder, "");
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.out.contains("worse by 5.0% is not ruled out"),
        "{finished:?}"
    );
}

#[test]
fn noise_in_cpu_per_request_is_inconclusive_unless_the_metric_is_not_required() {
    let folder = folder_with(PLAIN, |line| swing(line, &["workers_cpu_s"]));
    assert_eq!(gate(&folder, "").code, Some(3));
    exception(
        folder.path(),
        "metric = \"cpu-per-request\"\nrequire = false",
    );
    assert_eq!(gate(&folder, "").code, Some(0));
    exception(folder.path(), "scenario = \"short-lived\"\nrequire = false");
    assert_eq!(gate(&folder, "").code, Some(0));
}

#[test]
fn a_regression_takes_precedence_over_inconclusive_metrics() {
    let folder = folder_with(SLOWER, |line| swing(line, &["workers_cpu_s"]));
    assert_eq!(gate(&folder, "").code, Some(99));
}

#[test]
fn the_regression_to_rule_out_can_be_configured() {
    let slightly = Recorded {
        speed: 0.97,
        ..PLAIN
    };
    let folder = folder(slightly);
    assert_eq!(gate(&folder, "--margin 4% --rule-out 5%").code, Some(0));
    fs::write(
        folder.path().join("evenkeel.toml"),
        "[gate]\nmargin = \"2.9%\"\nrule_out = \"3%\"\n",
    )
    .expect("room");
    let finished = gate(&folder, "--margin 3.2% --rule-out 3.3%");
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let finished = gate(&folder, "--rule-out 2%");
    assert_eq!(finished.code, Some(2), "{finished:?}");
}

#[test]
fn a_metric_that_the_candidate_lacks_is_inconclusive() {
    for lacking in ["reuseport@candidate", "reuseport@"] {
        let folder = folder_with(PLAIN, |line| {
            let strategy = line["strategy"].as_str().unwrap_or_default();
            if strategy.starts_with(lacking) {
                line.as_object_mut()
                    .expect("an object")
                    .remove("workers_cpu_s");
            }
        });
        let finished = gate(&folder, "");
        assert_eq!(finished.code, Some(3), "{finished:?}");
        assert!(finished.out.contains("lack"), "{finished:?}");
        exception(
            folder.path(),
            "metric = \"cpu-per-request\"\nrequire = false",
        );
        assert_eq!(gate(&folder, "").code, Some(0));
    }
}

#[test]
fn a_strategy_that_only_the_candidate_knows_is_new() {
    let skipped = |who: &'static str| {
        folder_with(PLAIN, move |line| {
            if line["strategy"] == who {
                let trial = line.as_object_mut().expect("an object");
                trial.retain(|key, _| {
                    matches!(key.as_str(), "type" | "strategy" | "scenario" | "block")
                });
                trial.insert("skipped".to_owned(), json!("not known"));
            }
        })
    };
    let finished = gate(&skipped("reuseport@candidate"), "");
    assert_eq!(finished.code, Some(3), "{finished:?}");
    let new = gate(&skipped("reuseport@baseline"), "");
    // This study has no other strategy, and a gate without a comparison does not pass.
    assert_eq!(new.code, Some(3), "{new:?}");
    assert!(new.out.contains("A lacks a valid trial"), "{new:?}");
}
