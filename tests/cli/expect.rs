//! What a study expects: errors before it starts, and the exit code after it.

use std::fs;

use serde_json::json;
use tempfile::tempdir;

use crate::program::evenkeel;
use crate::recorded::PLAIN;

/// A study with an expectation.
fn study(that: &str) -> String {
    format!(
        "strategies = [\"single\", \"reuseport\"]\nscenarios = [\"skewed\"]\n\n\
         [[expect]]\nname = \"tails\"\nthat = \"{that}\"\n"
    )
}

#[test]
fn an_expectation_that_cannot_be_checked_is_an_error_with_its_place_before_anything_starts() {
    let folder = tempdir().expect("room");
    for (that, words) in [
        ("p99(single) >", "it ends where a metric"),
        (
            "p98(single) > 3ms",
            "there is no metric `p98`; did you mean `p99`?",
        ),
        (
            "p99(singel) > 3ms",
            "this study has no strategy `singel`; did you mean `single`?",
        ),
        (
            "p99(single) in skewd > 3ms",
            "this study has no scenario `skewd`; did you mean `skewed`?",
        ),
        ("p99(single) > 3", "is a time such as 5ms"),
    ] {
        fs::write(folder.path().join("study.toml"), study(that)).expect("room");
        let refused = evenkeel("run --study study.toml", folder.path());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let place = "study.toml:6:8: `that`: expectation `tails`: ";
        assert!(refused.err.contains(place), "{refused:?}");
        assert!(refused.err.contains(words), "{refused:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it exists").count(), 1);
}

#[test]
fn two_expectations_of_one_name_and_a_study_without_any_are_refused() {
    let folder = tempdir().expect("room");
    let one = study("p99(single) > 3ms");
    let twice = format!("{one}{}", &one[one.find("[[").expect("a table")..]);
    fs::write(folder.path().join("study.toml"), twice).expect("room");
    let refused = evenkeel("run --study study.toml --dry-run", folder.path());
    assert!(
        refused.err.contains("study.toml:8:8: `name`: "),
        "{refused:?}"
    );
    let refused = evenkeel("run -s single --strict --dry-run", folder.path());
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("has no `[[expect]]`"), "{refused:?}");
}

#[test]
fn a_dry_run_lists_what_is_expected() {
    let folder = tempdir().expect("room");
    let that = "p99(reuseport)   / p99(single) in skewed < 1";
    fs::write(folder.path().join("study.toml"), study(that)).expect("room");
    let shown = evenkeel("run --study study.toml --dry-run --strict", folder.path());
    let line = "\nexpectations (1):\n  tails  p99(reuseport) / p99(single) in skewed < 1\n";
    assert!(shown.out.contains(line), "{shown:?}");
}

#[test]
fn strict_reports_make_expectations_the_exit_code() {
    let folder = tempdir().expect("room");
    let faster = "throughput(reuseport) > 0.5 * throughput(single)";
    for (that, code, words) in [
        (vec![faster], 0, "holds"),
        (
            vec![faster, "throughput(single) > 1/s", "wait(single) > 1ms"],
            3,
            "cannot tell",
        ),
        (
            vec!["wait(single) > 1ms", "throughput(single) < 1/s"],
            98,
            "does not hold",
        ),
    ] {
        let expected = that
            .iter()
            .map(|that| json!({ "name": that, "that": that }));
        let expected: Vec<_> = expected.collect();
        PLAIN.write_with(&folder.path().join("out"), |line| {
            if line["type"] == "study" {
                line["plan"]["expectations"] = json!(expected);
            }
        });
        let strict = evenkeel("report out --strict", folder.path());
        assert_eq!(strict.code, Some(code), "{strict:?}");
        assert!(strict.out.contains(words), "{strict:?}");
        let plain = evenkeel("report out", folder.path());
        assert_eq!((plain.code, plain.out), (Some(0), strict.out));
    }
}

#[test]
fn a_study_records_what_it_expected_and_its_strict_run_ends_with_the_outcome() {
    let folder = tempdir().expect("room");
    let that = "p99(single) >= 1us";
    fs::write(folder.path().join("study.toml"), study(that)).expect("room");
    let line = "run -q --study study.toml -b 1 -d 100ms --warmup 20ms -w 2 -o out --strict";
    let ran = evenkeel(line, folder.path());
    assert_eq!(ran.code, Some(3), "one block tells nothing: {ran:?}");
    assert!(
        ran.err.contains("do not settle 1 of 1 expectation: tails"),
        "{ran:?}"
    );
    let record = fs::read_to_string(folder.path().join("out/results.jsonl")).expect("a record");
    assert!(
        record.contains("\"expectations\":[{\"name\":\"tails\",\"that\":\"p99(single) >= 1us\"}]")
    );
}
