//! `evenkeel load`: one trial, its formats and its files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::program::{Finished, end_of, evenkeel, signal, start};
use crate::served::serve;

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.out).unwrap_or_else(|error| panic!("{error} in {finished:?}"))
}

#[test]
fn json_output_is_one_object() {
    let served = serve("handoff:round-robin");
    let line = format!(
        "load -q {}spin/50 -c 4 -n 200 --requests-per-connection 2 --format json",
        served.url
    );
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(
        (finished.code, finished.err.as_str()),
        (Some(0), ""),
        "{finished:?}"
    );
    let trial = json(&finished);
    assert_eq!(
        (&trial["type"], &trial["valid"]),
        (&"trial".into(), &true.into())
    );
    let requests = trial["requests"].as_u64().expect("a number");
    let per_worker = trial["per_worker"].as_array().expect("a list");
    let of_workers = per_worker.iter().map(|worker| worker["requests"].as_u64());
    assert!(requests > 0);
    assert_eq!(of_workers.sum::<Option<u64>>(), Some(requests));
    assert_eq!(
        (&trial["loop_kind"], &trial["connections"]),
        (&"closed".into(), &4.into())
    );
    assert!(trial["connect_us"]["p50"].is_f64() && trial["latency_us"]["p999"].is_f64());
}

#[test]
fn csv_output_is_a_line_of_names_and_a_line_of_values() {
    let served = serve("single");
    let line = format!("load -q {} -c 2 -n 100 --rate 200 --format csv", served.url);
    let finished = evenkeel(&line, Path::new("/"));
    let lines: Vec<Vec<&str>> = finished
        .out
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(lines.len(), 2, "{finished:?}");
    let figures: BTreeMap<_, _> = lines[0].iter().zip(&lines[1]).collect();
    assert_eq!(figures[&"url"], &served.url);
    assert_eq!(figures[&"errors"], &"0");
    assert!(figures[&"requests"].parse::<u64>().expect("a count") > 0);
    for name in [
        "offered_rps",
        "latency_p50_us",
        "lag_p99_us",
        "throughput_rps",
    ] {
        assert!(figures[&name].parse::<f64>().is_ok(), "{name}");
    }
}

#[test]
fn text_output_shows_the_answers() {
    let served = serve("single");
    let line = format!(
        "load -q {}bytes/100 -c 2 -n 200 -m POST --body hello -t 1",
        served.url
    );
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(
        (finished.code, finished.err.as_str()),
        (Some(0), ""),
        "{finished:?}"
    );
    for words in [
        "closed loop, 2 connections, 1 load thread\n",
        "throughput",
        "errors      none",
        "p99.9",
        "Response times",
        "█",
    ] {
        assert!(
            finished.out.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn error_answers_make_a_trial_invalid() {
    let served = serve("single");
    let line = format!("load -q {}no-such-target -c 2 -n 200", served.url);
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(finished.code, Some(3), "{finished:?}");
    for words in [
        "0 answered as expected",
        "200 × 404, not expected, such as: the answer to `GET /no-such-target HTTP/1.1`",
    ] {
        assert_eq!(finished.out.matches(words).count(), 1, "{finished:?}");
    }
    let words =
        "not valid: no answer had an expected status: 200 × 404; `--expect-status 404` counts";
    assert!(finished.err.contains(words), "{finished:?}");
    assert!(!finished.err.contains("requests failed"), "{finished:?}");
}

#[test]
fn statuses_that_are_expected_are_a_success() {
    let served = serve("single");
    let with = |options: &str| {
        let line = format!(
            "load -q {}no-such-target -c 2 -n 200 --format json {options}",
            served.url
        );
        evenkeel(&line, Path::new("/"))
    };
    for options in ["--expect-status 200,404", "--expect-status 4xx"] {
        let finished = with(options);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let trial = json(&finished);
        assert_eq!(trial["requests"], 200);
        assert_eq!(trial["statuses"], serde_json::json!({ "404": 200 }));
        assert_eq!(trial["errors"], serde_json::json!({}));
    }
    let trial = json(&with("--expect-status 2xx"));
    assert_eq!(trial["statuses"], serde_json::json!({ "404": 200 }));
    assert_eq!(trial["errors"], serde_json::json!({ "status-404": 200 }));
}

#[test]
fn options_of_other_load_generators_are_understood() {
    let served = serve("single");
    for options in [
        "-t 1 -c 4 -d 1 --latency",
        "-z 1s -c 4 -n 1k",
        "-k -n 100 -c 2",
        "-R 200 -L -d 1 -c 4",
        "-H host:a -m GET -n 10",
    ] {
        let line = format!("load -q {} {options} --format json", served.url);
        let finished = evenkeel(&line, Path::new("/"));
        finished.assert_measured();
        assert!(
            json(&finished)["requests"].as_u64() > Some(0),
            "{finished:?}"
        );
    }
}

#[test]
fn a_connect_that_was_not_measured_has_no_time() {
    let served = serve("single");
    let line = format!("load -q {} -c 2 -n 20 --format json", served.url);
    let trial = json(&evenkeel(&line, Path::new("/")));
    let connect = &trial["connect_us"];
    assert!(
        connect.is_null() || connect["p50"].as_f64() > Some(0.0),
        "{trial}"
    );
}

#[test]
fn the_files_contain_every_answer() {
    let served = serve("single");
    let folder = tempfile::tempdir().expect("a folder");
    let files = "--hdr a.hdr --hgrm a.hgrm --html a.html --format json";
    let line = format!("load -q {} -c 2 -d 2s {files}", served.url);
    let finished = evenkeel(&line, folder.path());
    let requests = json(&finished)["requests"].as_u64().expect("a count");
    let read = |name| fs::read_to_string(folder.path().join(name)).expect("a file");

    let hgrm = read("a.hgrm");
    assert!(
        hgrm.contains(&format!("Total count    = {requests:12}]")),
        "{hgrm}"
    );
    let hdr = read("a.hdr");
    assert!(
        hdr.starts_with("#[Histogram log format version 1.3]"),
        "{hdr}"
    );
    let intervals = hdr.lines().filter(|line| !line.starts_with('#'));
    assert!(intervals.count() >= 2, "{hdr}");
    let html = read("a.html");
    assert!(html.starts_with("<!DOCTYPE html>") && html.matches("<svg ").count() == 3);
    assert!(
        !html.contains("src=") && !html.contains("@import"),
        "it stands alone"
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3);
}

#[test]
fn an_output_file_that_cannot_be_written_is_refused_before_any_load() {
    let folder = tempfile::tempdir().expect("a folder");
    for option in ["--hdr", "--hgrm", "--html"] {
        let line = format!("load http://127.0.0.1:1/ {option} no/such/file");
        let finished = evenkeel(&line, folder.path());
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(
            finished.err.contains("no/such/file cannot be written"),
            "{finished:?}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_request_body_is_read_from_a_file_that_must_exist() {
    let served = serve("single");
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("load -q {} -c 1 -n 5 -m POST --body-file body", served.url);
    let finished = evenkeel(&line, folder.path());
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.err.contains("body cannot be read"), "{finished:?}");
    fs::write(folder.path().join("body"), "hello").expect("room");
    assert_eq!(evenkeel(&line, folder.path()).code, Some(0));
}

#[test]
fn a_breached_limit_is_named_with_its_figure() {
    let served = serve("single");
    let of = |path: &str, limits: &str| {
        let line = format!("load -q {}{path} -c 2 -n 200 {limits}", served.url);
        evenkeel(&line, Path::new("/"))
    };
    assert_eq!(
        of("", "--fail-if errors>50% --fail-if max>1h").code,
        Some(0)
    );
    let finished = of("", "--fail-if errors>50% --fail-if max>0us");
    assert_eq!(finished.code, Some(99), "{finished:?}");
    assert!(
        finished
            .err
            .contains("`max>0us` is breached: the maximum is"),
        "{finished:?}"
    );
    assert!(
        finished.out.contains("throughput"),
        "the trial is shown all the same"
    );
    // Failures make the figures invalid, but the breached limit still counts.
    let finished = of("no-such-target", "--fail-if errors>1%");
    assert_eq!(finished.code, Some(99), "{finished:?}");
    assert!(finished.err.contains("not valid"), "{finished:?}");
}

#[test]
fn a_limit_on_an_absent_figure_does_not_pass() {
    let served = serve("single");
    let line = format!("load -q {} -c 2 -n 200 --fail-if lag>1ms", served.url);
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.err.contains("`lag>1ms` cannot be tested"),
        "{finished:?}"
    );
}

#[test]
fn ctrl_c_ends_the_load_and_shows_the_figures_so_far() {
    let served = serve("single");
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("load {} -c 2 -d 1h --hgrm a.hgrm", served.url);
    let load = start(&line, folder.path());
    std::thread::sleep(std::time::Duration::from_millis(500));
    signal(&load, Signal::SIGINT);
    let finished = end_of(load);
    assert_eq!(finished.code, Some(130), "{finished:?}");
    assert!(
        finished.out.contains("throughput") && finished.err.contains("interrupted"),
        "{finished:?}"
    );
    assert!(folder.path().join("a.hgrm").is_file());
}
