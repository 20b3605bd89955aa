//! Workers that are ill while load is offered.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{evenkeel, record};

const WORKERS: u64 = 3;

const EVENTS: &str = "[[event]]\nat = '300ms'\ndo = 'hang'\nworkers = [0]\nfor = '200ms'\n\
                      [[event]]\nat = '1s'\ndo = 'crash'\ncount = 1\n";

fn scenario(folder: &Path, events: &str) {
    let text = format!(
        "name = 'it'\nloop = 'open'\nrate_rps = 200\nconnections = 64\nrequests_per_connection = 1\n\
         work = {{ exponential = '/spin/20' }}\ntimeout = '500ms'\nduration = '1200ms'\nwarmup = '50ms'\n{events}"
    );
    fs::write(folder.join("it.toml"), text).expect("there is room");
}

#[test]
fn faults_are_recorded_with_what_became_of_the_requests_and_make_no_trial_invalid() {
    let folder = tempfile::tempdir().expect("a folder");
    scenario(folder.path(), EVENTS);
    let strategies = "-s reuseport -s handoff:round-robin";
    let line = format!("run --details -S it.toml -b 1 -w {WORKERS} -o OUT {strategies}");
    let run = evenkeel(&line, folder.path());
    let (_, trials) = record(&folder.path().join("OUT"));
    let of = |strategy: &str| trials.iter().rfind(|trial| trial["strategy"] == strategy);
    for trial in ["reuseport", "handoff:round-robin"].map(|key| of(key).expect(key)) {
        let faults = trial["faults"].as_array().expect("faults");
        let [hang, crash] = &faults[..] else {
            panic!("two faults: {trial}");
        };
        assert_eq!(
            (&hang["what"], &hang["workers"]),
            (&json!("hang worker 0"), &json!([0]))
        );
        assert!(
            hang["ended_s"].is_f64() && crash["ended_s"].is_null(),
            "{trial}"
        );
        let reasons = trial["invalid_because"].to_string();
        assert!(
            !reasons.contains("failed") && !reasons.contains("killed"),
            "{reasons}"
        );

        let requests = |part: &str| hang["requests"][part]["requests"].as_u64().expect(part);
        assert!(requests("before") > 0 && requests("during") > 0 && requests("after") > 0);
        let account = &trial["account"];
        let classes = account["classes"].as_object().expect("classes");
        let in_classes: u64 = classes.values().filter_map(Value::as_u64).sum();
        assert_eq!(account["requests"], in_classes, "{account}");

        let timeline = trial["timeline"].as_array().expect("a timeline");
        let names = timeline.iter().filter_map(|event| event["event"].as_str());
        let edges: Vec<&str> = names.filter(|name| name.starts_with("fault-")).collect();
        assert_eq!(edges, ["fault-began", "fault-ended", "fault-began"]);
        let died = timeline
            .iter()
            .find(|event| event["event"] == "exit")
            .expect("a crash");
        assert_eq!(
            (&died["intended"], &died["worker"]),
            (&json!(false), &crash["workers"][0])
        );
    }
    run.assert_measured();
    let said = run.out;
    assert!(
        said.contains("Faults") && said.contains("diverted after"),
        "{said}"
    );
}

#[test]
fn a_worker_can_do_everything_wrong_one_after_the_other_and_the_account_adds_up() {
    const ALL: [(&str, &str); 7] = [
        ("slow", "times = 3"),
        ("refuse", ""),
        ("reset", ""),
        ("fail-fast", ""),
        ("lie", ""),
        ("drip", "each = '1ms'"),
        ("leak", ""),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let events = ALL.iter().enumerate().map(|(number, (what, more))| {
        let at = number * 80;
        format!("[[event]]\nat = '{at}ms'\ndo = '{what}'\n{more}\nworkers = [1]\nfor = '60ms'\n")
    });
    scenario(folder.path(), &events.collect::<String>());
    let keys = ["reuseport", "proxy:round-robin"];
    let line = format!(
        "run -q -S it.toml -b 1 -w {WORKERS} -o OUT -s {}",
        keys.join(" -s ")
    );
    evenkeel(&line, folder.path());
    let (_, trials) = record(&folder.path().join("OUT"));
    for key in keys {
        let trial = trials.iter().rfind(|trial| trial["strategy"] == key);
        let trial = trial.expect(key);
        let faults = trial["faults"].as_array().expect("faults");
        assert_eq!(faults.len(), ALL.len(), "{trial}");
        assert!(faults.iter().all(|it| it["error"].is_null()), "{trial}");
        let account = &trial["account"];
        let classes = account["classes"].as_object().expect("classes");
        let in_classes: u64 = classes.values().filter_map(Value::as_u64).sum();
        assert_eq!(account["requests"], in_classes, "{account}");
    }
}

#[test]
fn a_dry_run_names_the_workers_that_are_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    scenario(folder.path(), EVENTS);
    let line = |seed| format!("run --dry-run -S it.toml -w 8 -s reuseport --seed {seed}");
    let plan = |seed| evenkeel(&line(seed), folder.path()).out;
    assert!(
        plan(1).contains("300ms: hang worker 0, until 500ms"),
        "{}",
        plan(1)
    );
    assert!(plan(1).contains("1s: crash worker "), "{}", plan(1));
    assert_eq!(plan(1), plan(1));
}

#[test]
fn strategies_whose_workers_cannot_be_ill_alone_are_skipped_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    scenario(
        folder.path(),
        "[[event]]\nat = '1ms'\ndo = 'hang'\ndispatchers = [0]\nfor = '1ms'",
    );
    let line = "run -q -S it.toml -b 1 -w 2 -o OUT -s shared-listener -s handoff:round-robin";
    evenkeel(line, folder.path());
    let (_, trials) = record(&folder.path().join("OUT"));
    let skipped = trials
        .iter()
        .find(|trial| trial["strategy"] == "shared-listener");
    let reason = skipped.expect("a trial")["skipped"]
        .as_str()
        .expect("a reason");
    assert_eq!(
        reason,
        "a fault is to hit dispatcher 0, and the fleet has none"
    );
    let hit = trials
        .iter()
        .find(|trial| trial["strategy"] == "handoff:round-robin");
    assert_eq!(
        hit.expect("a trial")["faults"][0]["what"],
        "hang dispatcher 0"
    );
}

#[test]
fn a_fault_of_a_missing_worker_is_an_error_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    scenario(
        folder.path(),
        "[[event]]\nat = '1ms'\ndo = 'hang'\nworkers = [7]\nfor = '1ms'",
    );
    let run = evenkeel("run -S it.toml -w 2 -s reuseport -o OUT", folder.path());
    let said = run.err;
    assert_eq!(run.code, Some(2), "{said}");
    assert!(
        said.contains("it.toml:13:11: scenario `it`: there is no worker 7 at 1ms"),
        "{said}"
    );
    assert!(!folder.path().join("OUT").exists());
}
