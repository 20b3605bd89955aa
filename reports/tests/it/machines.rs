//! The formats that other programs read, against the rules of each.

use std::collections::BTreeSet;

use crate::common::{assert_golden, stored};
use evenkeel_reports::format::{self, File, Paint};
use evenkeel_reports::{Study, Style, TrialResult};
use resvg::usvg::roxmltree;
use serde_json::Value;

/// Means something in each of the formats, and must not.
const HOSTILE: &str = "a\"b\\c\n\u{1b}<d> &'/=é";

fn rendered(study: &Study, format: &str) -> String {
    let format = format::find(format).unwrap();
    format.render(study, Style::default()).unwrap()
}

/// The two files of github-action-benchmark.
fn files(study: &Study) -> Vec<File> {
    let format = format::find("github-action-benchmark").unwrap();
    match format.paint {
        Paint::Files(paint) => paint(study).unwrap(),
        Paint::Report(_) | Paint::Study(_) => panic!("{format} is two files"),
    }
}

/// The stored study with a hostile name and a hostile reason.
fn hostile() -> Study {
    let mut study = stored();
    let old = std::mem::replace(&mut study.header.plan.strategies[0].key, HOSTILE.into());
    for trial in study
        .trials
        .iter_mut()
        .filter(|trial| trial.strategy == old)
    {
        trial.strategy = HOSTILE.into();
        if trial.scenario == "skewed" {
            trial.result = TrialResult::Failed(HOSTILE.into());
        }
    }
    study
}

#[test]
fn every_format_for_programs_renders_the_stored_study_as_before() {
    let study = stored();
    for format in ["benchstat", "bmf", "junit", "openmetrics"] {
        assert_golden(
            &format!("eight-strategies.{format}"),
            &rendered(&study, format),
        );
    }
    for File { name, text } in files(&study) {
        assert_golden(&format!("eight-strategies.{name}"), &text);
    }
}

#[test]
fn a_critcmp_baseline_has_the_names_of_benches_and_times_per_request_in_nanoseconds() {
    let study = stored();
    let baseline: Value = serde_json::from_str(&rendered(&study, "critcmp")).unwrap();
    let benchmarks = baseline["benchmarks"].as_object().unwrap();
    let closed = &benchmarks["short-lived/reuseport"];
    assert_eq!(closed["criterion_benchmark_v1"]["function_id"], "reuseport");
    let is_it =
        |t: &&evenkeel_reports::Trial| t.strategy == "reuseport" && t.scenario == "short-lived";
    let measured = study
        .trials
        .iter()
        .filter(is_it)
        .filter_map(|t| t.measured());
    let times: Vec<f64> = measured.map(|m| 1e9 / m.throughput_rps).collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let mean_estimate = &closed["criterion_estimates_v1"]["mean"];
    let figure = |value: &Value| value.as_f64().unwrap();
    assert!((figure(&mean_estimate["point_estimate"]) / mean - 1.0).abs() < 1e-9);
    let interval = &mean_estimate["confidence_interval"];
    assert!(figure(&interval["lower_bound"]) <= mean && mean <= figure(&interval["upper_bound"]));
    assert!(benchmarks.contains_key("skewed/handoff:idle/p50"));
    assert!(
        !benchmarks.contains_key("skewed/handoff:idle"),
        "an open loop orders its rate"
    );
    let one_block = Study {
        trials: study
            .trials
            .iter()
            .filter(|t| t.block == 0)
            .cloned()
            .collect(),
        ..study.clone()
    };
    let baseline: Value = serde_json::from_str(&rendered(&one_block, "critcmp")).unwrap();
    assert_eq!(
        baseline["benchmarks"],
        serde_json::json!({}),
        "one trial has no deviation"
    );
}

#[test]
fn a_benchmark_line_is_a_name_a_count_and_pairs_of_value_and_unit() {
    let study = hostile();
    let text = rendered(&study, "benchstat");
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| l.starts_with("Benchmark"))
        .collect();
    let valid = study.trials.iter().filter_map(|t| t.measured());
    assert_eq!(lines.len(), valid.filter(|measured| measured.valid).count());
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(words.len() >= 4 && words.len().is_multiple_of(2), "{line}");
        assert!(words[1].parse::<u64>().is_ok(), "{line}");
        assert!(
            words[2..]
                .chunks(2)
                .all(|pair| pair[0].parse::<f64>().is_ok()),
            "{line}"
        );
        let units: BTreeSet<_> = words[2..].chunks(2).map(|pair| pair[1]).collect();
        assert_eq!(units.len() * 2, words.len() - 2, "{line}");
        assert_eq!(words[0].matches('/').count(), 2, "{line}");
    }
}

#[test]
fn every_measure_of_bmf_has_a_value_within_its_bounds() {
    let text = rendered(&hostile(), "bmf");
    let read: Value = serde_json::from_str(&text).unwrap();
    let benchmarks = read.as_object().unwrap();
    assert!(benchmarks.contains_key(&format!("short-lived/{HOSTILE}")));
    for measure in benchmarks
        .values()
        .flat_map(|b| b.as_object().unwrap().values())
    {
        let number = |name: &str| measure[name].as_f64().unwrap();
        let value = number("value");
        assert!(
            number("lower_value") <= value && value <= number("upper_value"),
            "{measure}"
        );
    }
}

#[test]
fn the_two_files_of_the_action_share_no_name_and_have_what_it_demands() {
    let mut names = BTreeSet::new();
    for File { name: file, text } in files(&hostile()) {
        let read: Value = serde_json::from_str(&text).unwrap();
        for entry in read.as_array().unwrap() {
            let name = entry["name"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name}");
            assert!(
                entry["unit"].is_string() && entry["value"].is_number(),
                "{entry}"
            );
            let bigger = name.ends_with("/throughput") || name.ends_with("/fairness");
            assert_eq!(
                bigger,
                file == "customBiggerIsBetter.json",
                "{file}: {name}"
            );
        }
    }
    assert!(!names.is_empty());
}

#[test]
fn junit_is_well_formed_and_counts_what_it_holds() {
    let text = rendered(&hostile(), "junit");
    let document = roxmltree::Document::parse(&text).unwrap();
    let named = |node: roxmltree::Node, name: &str| {
        node.descendants().filter(|d| d.has_tag_name(name)).count()
    };
    let suites = document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"));
    for suite in suites {
        for (attribute, tag) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let count = suite.attribute(attribute).unwrap();
            assert_eq!(count, named(suite, tag).to_string(), "{attribute}");
        }
    }
    let message = HOSTILE.replace(char::is_control, " ");
    let mut broken = document
        .descendants()
        .filter(|node| node.has_tag_name("error"));
    assert!(broken.any(|node| node.attribute("message") == Some(message.as_str())));
}

#[test]
fn openmetrics_keeps_families_together_escapes_labels_and_ends_with_eof() {
    let text = rendered(&hostile(), "openmetrics");
    assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1);
    let mut families = BTreeSet::new();
    let mut family = String::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            let (name, kind) = declared.split_once(' ').unwrap();
            assert_eq!(kind, "gauge");
            assert!(families.insert(name.to_owned()), "{name} twice");
            family = name.to_owned();
        } else if let Some(declared) = line.strip_prefix("# UNIT ") {
            let (name, unit) = declared.split_once(' ').unwrap();
            assert!(
                name == family && name.ends_with(&format!("_{unit}")),
                "{line}"
            );
        } else if !line.starts_with("# HELP ") {
            assert!(line.starts_with(&format!("{family}{{")), "{line}");
            let (_, value) = line.rsplit_once("} ").unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(text.contains("strategy=\"a\\\"b\\\\c\\n"));
}
