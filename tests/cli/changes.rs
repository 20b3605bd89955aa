//! Fleets that change while load is offered.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::processes::{children_of, eventually, is_alive};
use crate::program::{end_of, evenkeel, record, signal, start};

const WORKERS: u64 = 2;

/// A study of two workers under a scenario with these events.
fn run(folder: &Path, strategies: &str, events: &str) -> (Value, Vec<Value>) {
    scenario(folder, "600ms", events);
    let line = format!("run -q -S it.toml -b 1 -w {WORKERS} -o OUT {strategies}");
    evenkeel(&line, folder).assert_measured();
    record(&folder.join("OUT"))
}

fn scenario(folder: &Path, duration: &str, events: &str) {
    let text = format!(
        "name = 'it'\nloop = 'closed'\nconnections = 8\nwork = '/spin/20'\nduration = '{duration}'\n\
         warmup = '50ms'\n{events}\n"
    );
    fs::write(folder.join("it.toml"), text).expect("there is room");
}

const RELOAD: &str = "[[event]]\nat = '200ms'\ndo = 'reload'";

/// The events of one life of a worker, in the order of the timeline.
fn of_life(trial: &Value, worker: u64, generation: u64) -> Vec<&str> {
    let timeline = trial["timeline"].as_array().expect("a timeline");
    let is_it = |event: &&Value| event["worker"] == worker && event["generation"] == generation;
    let events = timeline.iter().filter(is_it);
    events.filter_map(|event| event["event"].as_str()).collect()
}

#[test]
fn a_reload_under_load_replaces_every_worker_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, trials) = run(folder.path(), "-s shared-listener", RELOAD);
    let trial = &trials[0];
    let changes = trial["changes"].as_array().expect("changes");
    assert_eq!((changes.len(), &changes[0]["what"]), (1, &"reload".into()));
    assert_eq!(changes[0]["error"], Value::Null);
    for worker in 0..WORKERS {
        let first = of_life(trial, worker, 0);
        assert!(first.ends_with(&["draining", "exit"]), "{first:?}");
        let second = of_life(trial, worker, 1);
        assert_eq!(second.first(), Some(&"fork"), "{second:?}");
        assert!(second.contains(&"admitted"), "{second:?}");
    }
    let has_answered = |worker| of_life(trial, worker, 1).contains(&"answered");
    // All that are asked after the reload are new, if there was time to ask.
    let is_asked = changes[0]["ended_s"].as_f64() < Some(0.4);
    assert!(!is_asked || (0..WORKERS).any(has_answered), "{trial}");
    assert_eq!(trial["errors"], serde_json::json!({}), "nothing was lost");
}

#[test]
fn every_request_is_in_the_account_and_a_mechanism_with_a_dispatcher_loses_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let strategies =
        "-s shared-listener -s handoff:idle -s splice:round-robin -s proxy:round-robin";
    let (_, trials) = run(folder.path(), strategies, RELOAD);
    assert_eq!(trials.len(), 4);
    for trial in trials {
        assert_eq!(
            trial["changes"].as_array().map(Vec::len),
            Some(1),
            "{trial}"
        );
        let account = &trial["account"];
        let classes = account["classes"].as_object().expect("classes");
        let in_classes: u64 = classes.values().filter_map(Value::as_u64).sum();
        assert_eq!(account["requests"], in_classes, "{account}");
        let known = ["answered", "unfinished"];
        let lost = classes
            .keys()
            .find(|class| !known.contains(&class.as_str()));
        assert_eq!(lost, None, "{account}");
    }
}

#[test]
fn the_timeline_is_in_order_and_every_exit_was_intended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, trials) = run(folder.path(), "-s shared-listener", RELOAD);
    let timeline = trials[0]["timeline"].as_array().expect("a timeline");
    let times: Vec<f64> = timeline
        .iter()
        .filter_map(|event| event["at_s"].as_f64())
        .collect();
    assert_eq!(times.len(), timeline.len());
    assert!(times.is_sorted(), "{timeline:?}");
    let exits = timeline.iter().filter(|event| event["event"] == "exit");
    let intended: Vec<&Value> = exits.map(|event| &event["intended"]).collect();
    assert_eq!(intended, [&Value::Bool(true); WORKERS as usize]);
    let edges = timeline.iter().filter(|event| event["detail"] == "reload");
    let edges: Vec<&Value> = edges.map(|event| &event["event"]).collect();
    assert_eq!(edges, ["began", "ended"]);
}

#[test]
fn a_trial_without_events_records_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, trials) = run(folder.path(), "-s shared-listener", "");
    assert_eq!(
        (&trials[0]["timeline"], &trials[0]["changes"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn the_plan_and_the_report_tell_of_the_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    scenario(
        folder.path(),
        "600ms",
        "[[event]]\nevery = '200ms'\ndo = 'restart'\nworker = 1",
    );
    let planned = evenkeel("run -S it.toml -w 2 --dry-run", folder.path());
    for line in [
        "    200ms: restart worker 1\n",
        "    400ms: restart worker 1\n",
    ] {
        assert!(planned.out.contains(line), "{planned:?}");
    }
    run(folder.path(), "-s shared-listener", RELOAD);
    let report = evenkeel("report OUT --details", folder.path());
    for text in [
        "What was lost",
        "How long changes took",
        "loses nothing under it",
    ] {
        assert!(report.out.contains(text), "{report:?}");
    }
}

#[test]
fn an_event_after_the_end_and_a_worker_that_is_not_there_are_refused_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    for (events, expected) in [
        (
            "[[event]]\nat = '2s'\ndo = 'reload'",
            "it.toml:8:6: scenario `it`: the event would come at 2s",
        ),
        (
            "[[event]]\nat = '1ms'\ndo = 'restart'\nworker = 2",
            "it.toml:10:10: scenario `it`: there is no worker 2 at 1ms",
        ),
        (
            "[[event]]\nat = '1ms'\ndo = 'scale'\nworkers = 0",
            "it.toml:10:11: `workers`:",
        ),
    ] {
        scenario(folder.path(), "600ms", events);
        let refused = evenkeel("run -S it.toml -w 2 --dry-run", folder.path());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(expected), "{refused:?}");
    }
}

#[test]
fn a_study_that_ends_in_the_middle_of_a_reload_leaves_no_process() {
    for (request, code) in [(Signal::SIGINT, Some(130)), (Signal::SIGKILL, None)] {
        let folder = tempfile::tempdir().expect("a folder");
        scenario(
            folder.path(),
            "60s",
            "[[event]]\nevery = '20ms'\ndo = 'reload'",
        );
        let study = start(
            "run -q -s shared-listener -S it.toml -b 1 -w 2 -o OUT",
            folder.path(),
        );
        let mut seen = BTreeSet::new();
        eventually("workers have been replaced", || {
            seen.extend(children_of(study.id().cast_signed()));
            seen.len() > 2 * WORKERS as usize
        });
        signal(&study, request);
        seen.extend(children_of(study.id().cast_signed()));
        assert_eq!(end_of(study).code, code);
        eventually("the fleet has ended", || {
            !seen.iter().any(|pid| is_alive(*pid))
        });
    }
}
