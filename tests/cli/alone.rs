//! `evenkeel serve`.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::processes::{children_of, eventually, is_alive};
use crate::program::{end_of, signal};
use crate::served::{serve, serve_for_programs};

#[test]
fn serving_ends_gracefully_on_a_signal() {
    for request in [Signal::SIGINT, Signal::SIGTERM] {
        let process = serve("single").into_process();
        signal(&process, request);
        assert_eq!(end_of(process).code, Some(0));
    }
}

#[test]
fn the_json_output_has_the_address_and_the_processes() {
    let (served, description) = serve_for_programs("handoff:idle");
    assert_eq!(description["strategy"], "handoff:idle");
    assert_eq!(description["workers"], 2);
    let processes = description["processes"].as_array().expect("a list");
    let mut fleet = children_of(served.pid().cast_signed());
    fleet.sort_unstable();
    let mut listed: Vec<i64> = processes
        .iter()
        .filter_map(|process| process["pid"].as_i64())
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, fleet.into_iter().map(i64::from).collect::<Vec<_>>());
    let roles = processes.iter().map(|process| &process["role"]);
    assert_eq!(
        roles.collect::<Vec<_>>(),
        ["dispatcher 0", "worker 0", "worker 1"]
    );
}

#[test]
fn serving_ends_when_all_workers_are_dead() {
    for strategy in ["reuseport", "handoff:idle", "proxy:round-robin"] {
        assert_ends_without(strategy, "worker", 2);
    }
}

#[test]
fn serving_ends_when_all_dispatchers_are_dead() {
    for strategy in ["handoff:idle", "proxy:round-robin"] {
        assert_ends_without(strategy, "dispatcher", 1);
    }
}

/// Kills all processes of a kind, and those that replace them, and asserts that the fleet ends with a clear message.
fn assert_ends_without(strategy: &str, kind: &str, how_many: usize) {
    let mut process = serve(strategy).into_process();
    let fleet = children_of(process.id().cast_signed());
    let of_kind = fleet.iter().filter(|pid| is_of_kind(**pid, kind));
    assert_eq!(of_kind.count(), how_many, "{strategy}");
    eventually("serving ends", || {
        let children = children_of(process.id().cast_signed()).into_iter();
        for pid in children.filter(|pid| is_of_kind(*pid, kind)) {
            // It may have ended just now.
            let _killed = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        process.try_wait().expect("our child").is_some()
    });
    let finished = end_of(process);
    assert_eq!(finished.code, Some(1), "{strategy}: {finished:?}");
    // The rest of a fleet may end before the check, so the message may name either kind.
    for words in [
        &format!("{kind} 0 "),
        "of the fleet has ended, so no client can be served",
    ] {
        assert!(finished.err.contains(words), "{strategy}: {finished:?}");
    }
    eventually("the fleet has ended", || {
        !fleet.iter().any(|pid| is_alive(*pid))
    });
}

/// Whether a process of a fleet is of a kind, which is its first argument.
fn is_of_kind(pid: i32, kind: &str) -> bool {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).nth(1) == Some(kind.as_bytes())
}
