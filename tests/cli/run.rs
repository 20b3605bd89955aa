//! Small studies from start to end.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{EVENKEEL, SMALL, end_of, evenkeel, record};

#[test]
fn a_study_writes_a_record_a_table_and_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(&format!("{SMALL} --seed 5 -o OUT"), folder.path());
    finished.assert_measured();
    assert!(finished.out.contains("bare-keep-alive") && finished.out.contains("reuseport"));
    let out = folder.path().join("OUT");
    assert!(
        fs::read_to_string(out.join("report.html"))
            .expect("a page")
            .contains("<svg")
    );
    assert!(
        fs::read_to_string(out.join("results.csv"))
            .expect("a table")
            .contains("reuseport")
    );

    let (header, trials) = record(&out);
    assert_eq!(
        (&header["type"], &header["plan"]["seed"]),
        (&"study".into(), &5.into())
    );
    let mut cells: Vec<_> = trials
        .iter()
        .map(|trial| (trial["block"].as_u64(), trial["strategy"].as_str()))
        .collect();
    assert!(
        cells.is_sorted_by_key(|(block, _)| *block),
        "blocks are mixed up"
    );
    cells.sort_unstable();
    let (reuseport, single) = (Some("reuseport"), Some("single"));
    assert_eq!(
        cells,
        [
            (Some(0), reuseport),
            (Some(0), single),
            (Some(1), reuseport),
            (Some(1), single)
        ]
    );
    let valid = trials.iter().filter(|trial| trial["valid"] == true);
    valid.for_each(assert_figures_agree);
}

fn assert_figures_agree(trial: &Value) {
    assert_eq!(trial["errors"], Value::Object(Default::default()));
    let requests = trial["requests"].as_u64().expect("a number");
    let per_worker = trial["per_worker"].as_array().expect("a list");
    let of_workers: u64 = per_worker
        .iter()
        .filter_map(|worker| worker["requests"].as_u64())
        .sum();
    assert!(requests > 0);
    assert_eq!(of_workers, requests, "every request has its worker");
    assert_eq!(
        per_worker.len() as u64,
        trial["workers"].as_u64().expect("a number")
    );
    let connections: u64 = per_worker
        .iter()
        .filter_map(|worker| worker["connections"].as_u64())
        .sum();
    assert_eq!(connections, 4, "every connection was accepted once");
    let is_measured = |figure: &str| trial[figure].as_f64().is_some_and(|figure| figure > 0.0);
    for figure in ["throughput_rps", "loadgen_cpu_s", "duration_s"] {
        assert!(is_measured(figure), "{figure} in {trial}");
    }
    // On a busy machine the fleet may be sampled too late, which the trial reports.
    let is_noted = trial["notes"].to_string().contains("CPU time of the fleet");
    assert_ne!(is_measured("workers_cpu_s"), is_noted, "{trial}");
    let modes = ["workers_cpu_user_s", "workers_cpu_system_s"];
    for mode in modes {
        assert_ne!(trial[mode].is_number(), is_noted, "{mode} in {trial}");
    }
    assert!(
        trial.get("dispatcher_cpu_s").is_none(),
        "neither strategy has a dispatcher"
    );
    assert!(trial["latency_us"]["p99"].as_f64() >= trial["latency_us"]["p50"].as_f64());
}

#[test]
fn progress_is_a_line_per_block_without_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let loud = SMALL.replace("-q ", "");
    let finished = evenkeel(&format!("{loud} -o OUT"), folder.path());
    finished.assert_measured();
    for words in [
        "4 trials, about",
        "[2/4] block 1 of 2 is done, ",
        "[4/4] block 2 of 2 is done, ",
        "OUT/report.html",
    ] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
        assert!(!finished.out.contains(words), "{words} is no result");
    }
    assert!(!finished.err.contains('\u{1b}'), "a bar is for terminals");
}

#[test]
fn each_study_gets_its_own_folder_and_latest_links_to_the_last() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        evenkeel(SMALL, folder.path()).assert_measured();
    }
    let parent = folder.path().join("evenkeel-results");
    let mut studies: Vec<_> = fs::read_dir(&parent)
        .expect("results")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name != "latest")
        .collect();
    studies.sort_unstable();
    assert_eq!(studies.len(), 2);
    let latest = fs::read_link(parent.join("latest")).expect("a link");
    assert_eq!(latest.to_str(), studies.last().map(String::as_str));
}

#[test]
fn a_folder_with_a_study_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("results.jsonl");
    fs::write(&record, "precious").expect("room");
    let finished = evenkeel("run -o .", folder.path());
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.err.contains("--resume"), "{finished:?}");
    assert_eq!(fs::read_to_string(record).expect("still there"), "precious");
}

#[test]
fn a_folder_with_a_report_of_another_program_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["report.html", "results.csv"] {
        let foreign = folder.path().join(name);
        fs::write(&foreign, "precious").expect("room");
        let finished = evenkeel("run -o .", folder.path());
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(
            finished.err.contains(name) && finished.err.contains("-o"),
            "{finished:?}"
        );
        assert_eq!(
            fs::read_to_string(&foreign).expect("still there"),
            "precious"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        fs::remove_file(foreign).expect("it was there");
    }
}

#[test]
fn a_report_never_overwrites_a_record() {
    let folder = tempfile::tempdir().expect("a folder");
    evenkeel(&format!("{SMALL} -o OUT"), folder.path()).assert_measured();
    let before = record(&folder.path().join("OUT"));
    let finished = evenkeel(
        "report OUT --format csv -o OUT/results.jsonl",
        folder.path(),
    );
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert_eq!(record(&folder.path().join("OUT")), before);
}

#[test]
fn the_command_line_overrides_the_study_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = "name = 'mine'\nloop = 'open'\nrate_rps = 200.0\narrivals = 'constant'\nconnections = 8\nwork = '/'";
    fs::create_dir(folder.path().join("sub")).expect("room");
    fs::write(folder.path().join("sub/mine.toml"), scenario).expect("room");
    let study = "strategies = ['single']\nscenarios = ['./mine.toml']\nblocks = 9\nseed = 4\n[load]\nduration = '100ms'";
    fs::write(folder.path().join("sub/study.toml"), study).expect("room");
    let finished = evenkeel("run -q --study sub/study.toml -b 1 -o OUT", folder.path());
    finished.assert_measured();
    let (header, trials) = record(&folder.path().join("OUT"));
    assert_eq!(
        (&header["plan"]["blocks"], &header["plan"]["seed"]),
        (&1.into(), &4.into())
    );
    assert_eq!(trials.len(), 1);
    assert_eq!(
        (&trials[0]["scenario"], &trials[0]["offered_rps"]),
        (&"mine".into(), &200.0.into())
    );
}

#[test]
fn a_recorded_study_can_be_reported_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    evenkeel(&format!("{SMALL} -o OUT"), folder.path()).assert_measured();
    for (format, words) in [
        ("text", "req/s"),
        ("csv", "strategy,"),
        ("json", "{"),
        ("markdown", "|"),
        ("html", "<svg"),
    ] {
        let finished = evenkeel(&format!("report OUT --format {format}"), folder.path());
        assert_eq!(
            (finished.code, finished.err.as_str()),
            (Some(0), ""),
            "{format}"
        );
        assert!(finished.out.contains(words), "{format}");
    }
    let finished = evenkeel("report OUT --format csv -o again.csv", folder.path());
    assert_eq!((finished.code, finished.out.as_str()), (Some(0), ""));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(read("again.csv"), read("OUT/results.csv"));
}

#[test]
fn workers_that_do_not_start_are_recorded_and_the_study_ends_with_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    fs::copy(EVENKEEL, &copy).expect("room");
    let line = format!("{SMALL} -o OUT");
    let study = Command::new(&copy)
        .args(line.split_whitespace())
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the copy starts");
    // Workers run this executable again, and now it is missing.
    fs::remove_file(&copy).expect("it was there");
    let finished = end_of(study);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished.err.contains("4 trials failed, first "),
        "{finished:?}"
    );
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 4);
    assert!(
        trials
            .iter()
            .all(|trial| trial["failed"].is_string() && trial.get("requests").is_none())
    );
}

#[test]
fn waits_are_compared_with_a_common_queue_and_a_random_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let line =
        "run -q -s single -s handoff:random -S skewed -S bare-keep-alive -d 400ms -b 1 -w 2 -o OUT";
    evenkeel(line, folder.path()).assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    for trial in trials {
        let waiting = &trial["waiting_us"];
        if trial["scenario"] == "bare-keep-alive" {
            assert!(
                waiting.is_null(),
                "a closed loop has no arrivals: {waiting}"
            );
            continue;
        }
        let mean = |which: &str| waiting[which]["mean"].as_f64().expect("a mean");
        // The work is known, and no request can be served faster than its work.
        assert!(mean("measured") > 0.0);
        let [common, split, served] = ["common_queue", "random_split", "as_served"].map(mean);
        assert!(common <= split, "{waiting}");
        assert!(waiting["formula"].is_null(), "the work is not exponential");
        let theory = &waiting["expected"]["theory"];
        if trial["strategy"] == "single" {
            assert_eq!(
                (common, common),
                (split, served),
                "one worker leaves no choice"
            );
            assert_eq!(theory, "common_queue");
        } else {
            assert_eq!(theory, "random_split");
        }
    }
}

#[test]
fn the_queueing_study_compares_the_testbed_with_theory() {
    let studies = concat!(env!("CARGO_MANIFEST_DIR"), "/studies/queueing.toml");
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!(
        "run -q --details --study {studies} -s single -s shared-listener -d 500ms --warmup 100ms -b 2 -o OUT"
    );
    let finished = evenkeel(&line, folder.path());
    finished.assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 2 * 3 * 2);
    for trial in &trials {
        let waiting = &trial["waiting_us"];
        let mean = |which: &str| waiting[which]["mean"].as_f64().expect("a mean");
        assert!(mean("measured") > 0.0);
        if trial["strategy"] == "single" {
            assert_eq!(
                mean("common_queue"),
                mean("as_served"),
                "one worker leaves no choice"
            );
        }
        assert_eq!(waiting["expected"]["theory"], "common_queue");
    }
    let end = finished
        .out
        .split_once("The testbed against theory")
        .expect("a section")
        .1;
    for words in [
        "queueing-50",
        "queueing-70",
        "queueing-80",
        "× common queue",
        "within 10%",
    ] {
        assert!(end.contains(words), "{words} in {end}");
    }
    assert!(
        end.contains(" of 12 figures for which theory has a value"),
        "{end}"
    );
}
