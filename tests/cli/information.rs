//! Commands that only print information: help, list, doctor, dry runs.

use std::fs;
use std::path::Path;

use evenkeel_strategies::catalog;
use serde_json::Value;

use crate::program::{end_of, evenkeel, shell, start};

fn here() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

#[test]
fn help_has_two_levels_and_the_defaults_of_its_command() {
    for (command, default) in [
        ("run", "[default: the scenario's, or 700ms]"),
        ("load", "[default: 3s]"),
    ] {
        let [short, long] = ["-h", "--help"].map(|level| {
            let finished = evenkeel(&format!("{command} {level}"), here());
            assert_eq!(finished.code, Some(0), "{finished:?}");
            finished
                .out
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        });
        assert!(
            short.len() < long.len(),
            "{command}: {} and {}",
            short.len(),
            long.len()
        );
        for help in [&short, &long] {
            assert!(help.contains("Examples: "), "{command}");
            assert!(help.contains(default), "{command}: {help}");
        }
    }
}

#[test]
fn help_shows_every_command_except_those_of_child_processes() {
    let finished = evenkeel("--help", here());
    assert_eq!(finished.code, Some(0));
    for command in ["run", "load", "serve", "report", "list", "doctor"] {
        assert!(
            finished.out.contains(&format!("\n  {command}")),
            "{command}"
        );
        assert_eq!(evenkeel(&format!("{command} --help"), here()).code, Some(0));
    }
    assert!(!finished.out.contains("\n  worker") && !finished.out.contains("\n  dispatcher"));
}

#[test]
fn list_names_every_strategy_and_scenario() {
    let finished = evenkeel("list", here());
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    for name in catalog::ALL
        .iter()
        .map(|strategy| strategy.key())
        .chain(["skewed", "bare"])
    {
        assert!(finished.out.contains(name), "{name}");
    }
    let json = evenkeel("list --format json", here());
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(
        json["strategies"].as_array().map(Vec::len),
        Some(catalog::ALL.len())
    );
}

#[test]
fn the_long_list_describes_every_strategy() {
    let finished = evenkeel("list --long", here());
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let paragraphs: Vec<&str> = finished.out.split("\n\n").collect();
    assert_eq!(paragraphs.len(), catalog::ALL.len());
    for (paragraph, strategy) in paragraphs.iter().zip(catalog::ALL.iter()) {
        assert_eq!(paragraph.lines().next(), Some(strategy.key()));
        for name in [
            "mechanism",
            "policy",
            "layer",
            "who chooses",
            "sticky by",
            "retirement",
            "needs",
            "known from",
        ] {
            let lines = paragraph.lines();
            let described = lines.filter(|line| line.starts_with(&format!("  {name} ")));
            assert_eq!(described.count(), 1, "{name} of {paragraph}");
        }
    }
}

#[test]
fn the_json_list_describes_every_strategy() {
    let json = evenkeel("list --format json", here());
    let json: Value = serde_json::from_str(&json.out).expect("JSON");
    let by_key = |key: &str| {
        let all = json["strategies"].as_array().expect("a list");
        all.iter().find(|one| one["key"] == key).expect("known")
    };
    let sticky = by_key("handoff:sticky");
    assert_eq!(sticky["mechanism"], "handoff");
    assert_eq!(sticky["policy"], "sticky");
    assert_eq!(sticky["layer"], 4);
    assert_eq!(sticky["sticky"], "the client's address");
    assert_eq!(by_key("proxy:round-robin")["layer"], 7);
    let reuseport = by_key("reuseport");
    for absent in ["policy", "sticky"] {
        assert!(reuseport[absent].is_null(), "{absent} of {reuseport}");
    }
    assert_eq!(by_key("reuseport:cpu")["needs"], "Linux 4.5");
}

#[test]
fn list_marks_the_core() {
    let finished = evenkeel("list", here());
    let marked = finished.out.matches("[core]");
    assert_eq!(marked.count(), catalog::CORE.len());
    let lines = finished.out.lines();
    assert!(
        lines.clone().all(|line| line.chars().count() <= 80),
        "{finished:?}"
    );
}

#[test]
fn a_reader_that_closes_the_pipe_causes_no_error() {
    let mut child = start("list", here());
    drop(child.stdout.take());
    let finished = end_of(child);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
}

#[test]
fn output_to_a_full_device_is_an_error() {
    let finished = shell("exec \"$0\" list > /dev/full", here());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished.err.contains("could not be written"),
        "{finished:?}"
    );
}

#[test]
fn doctor_examines_the_host_and_gives_advice() {
    let finished = evenkeel("doctor", here());
    assert_eq!(finished.code, Some(0));
    assert!(finished.out.contains("cpus"), "{finished:?}");
    let json = evenkeel("doctor --format json", here());
    let findings: Vec<Value> = serde_json::from_str(&json.out).expect("JSON");
    assert!(findings.iter().all(|finding| finding["found"].is_string()));
    assert!(
        findings
            .iter()
            .any(|finding| finding["check"] == "open files")
    );
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel("run --dry-run -s handoff -b 2 -o OUT", folder.path());
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let strategies = catalog::select(&["handoff"]).expect("a mechanism").len();
    let trials = format!("2 blocks = {}", strategies * 3 * 2);
    for words in ["handoff:idle", "short-lived", &trials, "time:"] {
        assert!(
            finished.out.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let finished = evenkeel("run --dry-run -o /proc/none/OUT", folder.path());
    assert_eq!(
        finished.code,
        Some(0),
        "a plan needs no folder: {finished:?}"
    );
}

#[test]
fn output_that_is_not_for_a_terminal_has_no_colours() {
    for line in ["list", "doctor", "run --dry-run"] {
        assert!(!evenkeel(line, here()).out.contains('\u{1b}'), "{line}");
    }
}
