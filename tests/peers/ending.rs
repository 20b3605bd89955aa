//! Whichever way a peer or its study ends, no process and no file of the peer remains.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use evenkeel_strategies::Role;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::recipe::{SmallPeer, script, script_that_ends, server};
use super::support::processes::{eventually, is_alive};
use super::support::{EVENKEEL, fleet_spec};
use super::{folder_of, name_of, pids, processes_in};

/// A peer that ignores SIGTERM, and so do the processes that it starts.
fn stubborn() -> String {
    script("trap '' TERM HUP INT; while :; do sleep 633; done")
}

/// A peer that leaves its parent, process group and session, as daemons do.
fn daemon() -> String {
    script_that_ends("(setsid sleep 644 &)")
}

fn assert_is_gone(folder: &Path, pids: &[i32]) {
    eventually("its processes have ended", || {
        !pids.iter().any(|pid| is_alive(*pid)) && processes_in(folder).is_empty()
    });
    eventually("its folder is removed", || !folder.exists());
}

#[test]
fn a_daemon_belongs_to_its_peer_and_ends_with_it() {
    let fleet = SmallPeer::of(&[daemon(), server()]).launch();
    let pids = pids(&fleet);
    assert!(pids.iter().any(|pid| name_of(*pid) == "sleep"));
    let folder = folder_of(pids[0]);
    drop(fleet);
    assert_is_gone(&folder, &pids);
}

#[test]
fn nothing_remains_after_a_graceful_stop() {
    let fleet = SmallPeer::of(&[server()]).launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    fleet.stop();
    assert!(!pids.iter().any(|pid| is_alive(*pid)));
    assert!(!folder.exists());
}

#[test]
fn a_peer_that_ignores_sigterm_is_killed_after_its_time() {
    let peer = SmallPeer::of(&[stubborn(), server()]);
    let mut spec = fleet_spec(super::WORKERS);
    spec.drain_within = Duration::from_millis(300);
    let fleet = peer.launch_as(&spec);
    let pids = pids(&fleet);
    assert!(pids.iter().any(|pid| name_of(*pid) == "sleep"));
    let folder = folder_of(pids[0]);
    fleet.stop();
    assert!(!pids.iter().any(|pid| is_alive(*pid)));
    assert!(!folder.exists());
}

#[test]
fn a_process_that_had_to_be_killed_is_named() {
    let peer = SmallPeer::of(&[stubborn(), server()]);
    let mut study = Study::serve(&peer);
    let stubborn = study.pids.iter().find(|pid| name_of(**pid) == "sh");
    let stubborn = *stubborn.expect("its shell");
    study.signal(Signal::SIGTERM);
    let mut output = String::new();
    let mut errors = study.child.stderr.take().expect("it is a pipe");
    errors.read_to_string(&mut output).expect("text");
    let line = format!("killed sh (process {stubborn})");
    assert!(output.contains(&line), "{output}");
    assert_is_gone(&study.folder, &study.pids);
}

#[test]
fn the_peer_of_a_killed_study_ends() {
    let peer = SmallPeer::of(&[daemon(), stubborn(), server()]);
    let study = Study::serve(&peer);
    study.signal(Signal::SIGKILL);
    assert_is_gone(&study.folder, &study.pids);
}

#[test]
fn nothing_remains_of_a_study_that_is_killed_in_the_middle_of_a_reload() {
    let text = "S=sleep; (setsid $S 655 &); $S 655";
    let reload = format!("reload = {{ command = [\"sh\", \"-c\", \"{text}\"] }}\n");
    let head = format!("{}{reload}", SmallPeer::head());
    let study = Study::serve(&SmallPeer::described(&head, &[server()]));
    study.signal(Signal::SIGHUP);
    let sleeps = |pid: &i32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.trim() == "sleep")
    };
    eventually("the reload has begun", || {
        let there = processes_in(&study.folder);
        there.iter().filter(|pid| sleeps(pid)).count() == 2
    });
    study.signal(Signal::SIGKILL);
    assert_is_gone(&study.folder, &study.pids);
}

#[test]
fn a_supervisor_ends_its_peer_on_sigterm() {
    let peer = SmallPeer::of(&[daemon(), server()]);
    let fleet = peer.launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    kill(Pid::from_raw(supervisor_of(&pids)), Signal::SIGTERM).expect("it runs");
    assert_is_gone(&folder, &pids);
}

#[test]
fn nothing_remains_of_a_peer_whose_supervisor_was_killed() {
    let peer = SmallPeer::of(&[daemon(), stubborn(), server()]);
    let mut fleet = peer.launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    kill(Pid::from_raw(supervisor_of(&pids)), Signal::SIGKILL).expect("it runs");
    eventually("the death is reported", || {
        let deaths = fleet.deaths();
        deaths
            .iter()
            .any(|death| death.contains("was killed by SIGKILL"))
    });
    drop(fleet);
    assert_is_gone(&folder, &pids);
}

#[test]
fn the_death_of_a_worker_is_reported_once_with_its_number() {
    let mut fleet = SmallPeer::of(&[server()]).launch();
    let workers = fleet.worker_pids().expect("workers of its own");
    kill(Pid::from_raw(workers[1]), Signal::SIGKILL).expect("it runs");
    eventually("it has ended", || !is_alive(workers[1]));
    let deaths = fleet.deaths();
    let [death] = &deaths[..] else {
        panic!("{deaths:?}");
    };
    let beginning = format!("worker 1 (evenkeel, process {})", workers[1]);
    assert!(death.starts_with(&beginning), "{death}");
    assert_eq!(fleet.deaths(), [""; 0], "a death is reported once");
    assert!(!fleet.alive().contains(&Role::Worker(1)));
    assert_eq!(fleet.snapshot().workers[1].cpu, None);
}

#[test]
fn a_command_that_fails_later_is_reported_as_a_death_with_its_reason() {
    let later = script("sleep 1; echo the well is dry; exit 5");
    let mut fleet = SmallPeer::of(&[server(), later]).launch();
    let mut deaths = Vec::new();
    eventually("the death is reported", || {
        deaths.extend(fleet.deaths());
        deaths.iter().any(|death| death.contains("the well is dry"))
    });
    eventually("everything has ended", || fleet.alive().is_empty());
}

/// Returns the common ancestor of these processes, which is not one of them.
fn supervisor_of(pids: &[i32]) -> i32 {
    let parent_of = |pid: &i32| -> i32 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
        let status = status.expect("it runs");
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        parent.expect("a parent").trim().parse().expect("a number")
    };
    let parents = pids.iter().map(parent_of);
    let mut others = parents.filter(|parent| !pids.contains(parent));
    others.next().expect("an ancestor")
}

/// A running `evenkeel serve` of a peer.
struct Study {
    child: Child,
    pids: Vec<i32>,
    folder: PathBuf,
}

impl Study {
    /// Starts it and waits until it has printed its address.
    fn serve(peer: &SmallPeer) -> Self {
        let mut command = Command::new(EVENKEEL);
        command.args(["serve", "--format", "json", "-w", "2", "--peer"]);
        command.arg(peer.file());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let output = child.stdout.take().expect("it is a pipe");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        read.expect("it prints its address");
        let description: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
        let processes = description["processes"].as_array().expect("a list").iter();
        let pids: Vec<i32> = processes
            .map(|process| process["pid"].as_i64().expect("a number") as i32)
            .collect();
        let folder = folder_of(pids[0]);
        Self {
            child,
            pids,
            folder,
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().cast_signed();
        kill(Pid::from_raw(pid), signal).expect("it runs");
    }
}

impl Drop for Study {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
