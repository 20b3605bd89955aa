//! Signals by which workers of `evenkeel serve` come and go.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::processes::{children_of, eventually, is_alive};
use crate::program::{end_of, signal, start};

/// A server, and what it prints.
struct Serving {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    /// Serves with two workers, whose description is read.
    fn start(strategy: &str) -> Self {
        let command = format!("serve -s {strategy} -w 2 --format json");
        let mut process = start(&command, Path::new("/"));
        let out = BufReader::new(process.stdout.take().expect("piped"));
        let mut serving = Self {
            process,
            lines: out.lines(),
        };
        assert_eq!(serving.next()["workers"], 2);
        serving
    }

    fn next(&mut self) -> Value {
        let line = self.lines.next().expect("a line").expect("UTF-8");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Reads events up to one with this name. Returns all as worker, generation and name.
    fn events_until(&mut self, last: &str) -> Vec<(u64, u64, String)> {
        let mut events = Vec::new();
        loop {
            let event = self.next();
            let number = |key: &str| event[key].as_u64().expect("a number");
            let name = event["event"].as_str().expect("a name").to_owned();
            let is_last = name == last;
            events.push((number("worker"), number("generation"), name));
            if is_last {
                return events;
            }
        }
    }

    fn workers(&self) -> Vec<i32> {
        children_of(self.process.id().cast_signed())
    }

    /// Ends it and returns its messages.
    fn end(self) -> String {
        signal(&self.process, Signal::SIGTERM);
        let finished = end_of(self.process);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.err
    }
}

fn names(events: &[(u64, u64, String)], worker: u64, generation: u64) -> Vec<&str> {
    let its = events
        .iter()
        .filter(|it| (it.0, it.1) == (worker, generation));
    its.map(|it| it.2.as_str()).collect()
}

const BEGIN: [&str; 4] = ["fork", "online", "listening", "admitted"];

#[test]
fn sighup_replaces_all_workers_and_each_event_is_a_line() {
    let mut serving = Serving::start("shared-listener");
    let before = serving.workers();
    signal(&serving.process, Signal::SIGHUP);
    let mut events = serving.events_until("exit");
    events.extend(serving.events_until("exit"));
    for worker in 0..2 {
        assert_eq!(
            names(&events, worker, 0),
            ["draining", "exit"],
            "{events:?}"
        );
        assert_eq!(names(&events, worker, 1), BEGIN, "{events:?}");
    }
    let after = serving.workers();
    assert_eq!(after.len(), 2);
    assert!(!after.iter().any(|pid| before.contains(pid)));
    serving.end();
}

#[test]
fn sigttin_adds_a_worker_and_sigttou_takes_one_out_but_not_the_last() {
    let mut serving = Serving::start("shared-listener");
    signal(&serving.process, Signal::SIGTTIN);
    let events = serving.events_until("admitted");
    assert_eq!(names(&events, 2, 0), BEGIN);
    for worker in [2, 1] {
        signal(&serving.process, Signal::SIGTTOU);
        let events = serving.events_until("exit");
        assert_eq!(names(&events, worker, 0), ["draining", "exit"]);
    }
    signal(&serving.process, Signal::SIGTTOU);
    // This one is obeyed after the other.
    std::thread::sleep(std::time::Duration::from_millis(500));
    signal(&serving.process, Signal::SIGTTIN);
    serving.events_until("admitted");
    assert_eq!(serving.workers().len(), 2);
    let messages = serving.end();
    let refused = "SIGTTOU is ignored: one worker is left, and a fleet needs one";
    assert!(messages.contains(refused), "{messages}");
}

#[test]
fn a_worker_that_crashes_is_replaced() {
    let mut serving = Serving::start("shared-listener");
    let [_, victim] = serving.workers()[..] else {
        panic!("two workers");
    };
    kill(Pid::from_raw(victim), Signal::SIGKILL).expect("it was running");
    let events = serving.events_until("admitted");
    let worker = events[0].0;
    assert_eq!(names(&events, worker, 0), ["exit", "respawn"]);
    assert_eq!(names(&events, worker, 1), BEGIN);
    assert_eq!(serving.workers().len(), 2);
    let messages = serving.end();
    assert!(messages.contains("was killed by SIGKILL"), "{messages}");
}

#[test]
fn a_server_that_is_killed_during_a_reload_leaves_no_process() {
    let mut serving = Serving::start("shared-listener");
    signal(&serving.process, Signal::SIGHUP);
    serving.events_until("online");
    let fleet = serving.workers();
    signal(&serving.process, Signal::SIGKILL);
    assert_eq!(end_of(serving.process).code, None);
    eventually("the fleet has ended", || {
        !fleet.iter().any(|pid| is_alive(*pid))
    });
}
