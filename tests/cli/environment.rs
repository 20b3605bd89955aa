//! Options that variables of the environment set.

use std::path::Path;

use crate::program::{SMALL, evenkeel, shell};

#[test]
fn a_variable_sets_its_option_unless_the_line_does() {
    let plan = |variables: &str, options: &str| {
        let line = format!("{variables} \"$0\" run --dry-run {options}");
        let finished = shell(&line, Path::new("/"));
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.out
    };
    let variables = "EVENKEEL_STRATEGY=single,reuseport EVENKEEL_WORKERS=3 EVENKEEL_AA=yes";
    let planned = plan(variables, "");
    assert!(planned.starts_with("strategies (4):"), "{planned}");
    assert!(planned.contains("reuseport#2"), "{planned}");
    assert!(planned.contains("workers:     3 on"), "{planned}");
    let planned = plan(variables, "-w 5 -s single");
    assert!(planned.starts_with("strategies (2):"), "{planned}");
    assert!(planned.contains("workers:     5 on"), "{planned}");
    let planned = plan("EVENKEEL_AA=false", "-s single");
    assert!(planned.starts_with("strategies (1):"), "{planned}");
}

#[test]
fn each_command_has_its_options_from_the_environment() {
    for (line, words) in [
        ("EVENKEEL_FORMAT=json \"$0\" list", "\"strategies\""),
        ("EVENKEEL_FORMAT=json \"$0\" doctor", "{"),
        ("EVENKEEL_LONG=1 \"$0\" list", "who chooses"),
    ] {
        let finished = shell(line, Path::new("/"));
        assert!(finished.out.contains(words), "{line}: {finished:?}");
    }
    let finished = shell(
        "EVENKEEL_FAIL_IF='quick>1s' \"$0\" load http://127.0.0.1:9/",
        Path::new("/"),
    );
    assert_eq!(finished.code, Some(2), "{finished:?}");
}

#[test]
fn an_error_names_the_variable_that_it_is_about() {
    let wrong = |line: &str| {
        let finished = shell(line, Path::new("/"));
        assert_eq!(finished.code, Some(2), "{finished:?}");
        finished.err
    };
    let error = wrong("EVENKEEL_WORKERS=0 \"$0\" run --dry-run");
    assert!(error.contains("'0' for '--workers <N>'"), "{error}");
    assert!(
        error.contains("that of EVENKEEL_WORKERS in the environment"),
        "{error}"
    );
    let error = wrong("EVENKEEL_WORKERS=2 \"$0\" run --dry-run -w 0");
    assert!(!error.contains("environment"), "{error}");
}

#[test]
fn a_resumed_study_keeps_its_plan_whatever_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let begun = evenkeel(&format!("{SMALL} -o OUT"), folder.path());
    begun.assert_measured();
    let line = "EVENKEEL_WORKERS=7 \"$0\" run --resume OUT --dry-run";
    let resumed = shell(line, folder.path());
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert!(resumed.out.contains("workers:     2 on"), "{resumed:?}");
}
