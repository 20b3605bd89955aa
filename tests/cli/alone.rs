//! `serve` and `load`, each without a study.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::processes::{children_of, eventually, is_alive};
use crate::program::{end_of, evenkeel, signal, start};

/// A served strategy, its URL, and what it has yet to say (a closed pipe would be a broken one).
struct Served {
    process: Child,
    url: String,
    _rest: BufReader<ChildStdout>,
}

fn serve(strategy: &str) -> Served {
    let mut process = start(&format!("serve -s {strategy} -w 2"), Path::new("/"));
    let mut out = BufReader::new(process.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("UTF-8");
    let url = first
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let url = url
        .expect("the address stands in the first line")
        .to_owned();
    Served {
        process,
        url,
        _rest: out,
    }
}

#[test]
fn load_alone_prints_one_trial_as_json() {
    let served = serve("handoff:round-robin");
    let line = format!(
        "load {}spin/50 -c 4 -d 200ms --requests-per-connection 2 --format json",
        served.url
    );
    let said = evenkeel(&line, Path::new("/"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let trial: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (&trial["type"], &trial["valid"]),
        (&"trial".into(), &true.into())
    );
    let requests = trial["requests"].as_u64().expect("a number");
    let per_worker = trial["per_worker"].as_array().expect("a list");
    let of_workers: u64 = per_worker
        .iter()
        .filter_map(|worker| worker["requests"].as_u64())
        .sum();
    assert!(requests > 0);
    assert_eq!(of_workers, requests);

    signal(&served.process, Signal::SIGTERM);
    assert_eq!(end_of(served.process).code, Some(0));
}

#[test]
fn load_alone_tells_people_what_came_back() {
    let served = serve("single");
    let line = format!(
        "load {}bytes/100 -c 2 -d 100ms -m POST --body hello -t 1",
        served.url
    );
    let said = evenkeel(&line, Path::new("/"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    for words in ["throughput", "p99", "closed loop", "1 thread"] {
        assert!(said.out.contains(words), "{words} is missing in {said:?}");
    }
    signal(&served.process, Signal::SIGINT);
    assert_eq!(end_of(served.process).code, Some(0));
}

#[test]
fn answers_of_failure_make_load_invalid() {
    let served = serve("single");
    let said = evenkeel(
        &format!("load {}no-such-target -c 2 -d 100ms", served.url),
        Path::new("/"),
    );
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        said.out.contains("status-404") && said.err.contains("not valid"),
        "{said:?}"
    );
    signal(&served.process, Signal::SIGINT);
    assert_eq!(end_of(served.process).code, Some(0));
}

#[test]
fn serving_ends_when_nobody_is_left_to_serve() {
    for strategy in ["reuseport", "handoff:idle", "proxy:round-robin"] {
        assert_ends_without(strategy, "worker", 2);
    }
}

#[test]
fn serving_ends_when_nobody_is_left_to_dispatch() {
    for strategy in ["handoff:idle", "proxy:round-robin"] {
        assert_ends_without(strategy, "dispatcher", 1);
    }
}

/// Kills all processes of a kind, and expects the others to be ended with a clear sentence.
fn assert_ends_without(strategy: &str, kind: &str, how_many: usize) {
    let served = serve(strategy);
    let fleet = children_of(served.process.id().cast_signed());
    let of_kind: Vec<i32> = fleet
        .iter()
        .copied()
        .filter(|pid| plays(*pid, kind))
        .collect();
    assert_eq!(of_kind.len(), how_many, "{strategy}");
    for pid in of_kind {
        let pid = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(pid, Signal::SIGKILL).expect("a child of ours");
    }
    let said = end_of(served.process);
    assert_eq!(said.code, Some(1), "{strategy}: {said:?}");
    // What is left of a fleet may end by itself, so this does not say which kind died out.
    for words in [
        &format!("{kind} 0 "),
        "of the fleet has ended, so no client can be served",
    ] {
        assert!(said.err.contains(words), "{strategy}: {said:?}");
    }
    eventually("the fleet is gone", || {
        !fleet.iter().any(|pid| is_alive(*pid))
    });
}

/// Whether a process of a fleet was started as one of that kind: its first argument says so.
fn plays(pid: i32, kind: &str) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).expect("a process that runs");
    line.split(|byte| *byte == 0).nth(1) == Some(kind.as_bytes())
}
