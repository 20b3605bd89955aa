//! However a system ends, or the study does, nothing of it is left.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use evenkeel_strategies::Role;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::recipe::{System, script, script_that_ends, server};
use super::support::processes::{eventually, is_alive};
use super::support::{EVENKEEL, fleet_spec};
use super::{folder_of, name_of, pids, processes_in};

/// It does not care for SIGTERM, and neither do the processes that it starts.
fn stubborn() -> String {
    script("trap '' TERM HUP INT; while :; do sleep 633; done")
}

/// It leaves its parent, its group and its session, as daemons do.
fn daemon() -> String {
    script_that_ends("(setsid sleep 644 &)")
}

fn assert_is_gone(folder: &Path, pids: &[i32]) {
    eventually("its processes are gone", || {
        !pids.iter().any(|pid| is_alive(*pid)) && processes_in(folder).is_empty()
    });
    eventually("its folder is gone", || !folder.exists());
}

#[test]
fn a_daemon_belongs_to_the_system_and_ends_with_it() {
    let fleet = System::of(&[daemon(), server()]).launch();
    let pids = pids(&fleet);
    assert!(pids.iter().any(|pid| name_of(*pid) == "sleep"));
    let folder = folder_of(pids[0]);
    drop(fleet);
    assert_is_gone(&folder, &pids);
}

#[test]
fn one_that_is_stopped_in_good_order_leaves_nothing() {
    let fleet = System::of(&[server()]).launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    fleet.stop();
    assert!(!pids.iter().any(|pid| is_alive(*pid)));
    assert!(!folder.exists());
}

#[test]
fn one_that_survives_sigterm_is_killed_when_its_time_is_up() {
    let system = System::of(&[stubborn(), server()]);
    let mut spec = fleet_spec(super::WORKERS);
    spec.drain_within = Duration::from_millis(300);
    let fleet = system.launch_as(&spec);
    let pids = pids(&fleet);
    assert!(pids.iter().any(|pid| name_of(*pid) == "sleep"));
    let folder = folder_of(pids[0]);
    fleet.stop();
    assert!(!pids.iter().any(|pid| is_alive(*pid)));
    assert!(!folder.exists());
}

#[test]
fn who_had_to_be_killed_is_told_by_name() {
    let system = System::of(&[stubborn(), server()]);
    let mut study = Study::serve(&system);
    let stubborn = study.pids.iter().find(|pid| name_of(**pid) == "sh");
    let stubborn = *stubborn.expect("its shell");
    study.signal(Signal::SIGTERM);
    let mut told = String::new();
    let mut errors = study.child.stderr.take().expect("it is a pipe");
    errors.read_to_string(&mut told).expect("text");
    let line = format!("killed sh (process {stubborn})");
    assert!(told.contains(&line), "{told}");
    assert_is_gone(&study.folder, &study.pids);
}

#[test]
fn a_killed_study_takes_the_system_along() {
    let system = System::of(&[daemon(), stubborn(), server()]);
    let study = Study::serve(&system);
    study.signal(Signal::SIGKILL);
    assert_is_gone(&study.folder, &study.pids);
}

#[test]
fn a_supervisor_that_is_asked_to_end_ends_the_system() {
    let system = System::of(&[daemon(), server()]);
    let fleet = system.launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    kill(Pid::from_raw(supervisor_of(&pids)), Signal::SIGTERM).expect("it is there");
    assert_is_gone(&folder, &pids);
}

#[test]
fn of_a_system_whose_supervisor_was_killed_nothing_is_left_either() {
    let system = System::of(&[daemon(), stubborn(), server()]);
    let mut fleet = system.launch();
    let pids = pids(&fleet);
    let folder = folder_of(pids[0]);
    kill(Pid::from_raw(supervisor_of(&pids)), Signal::SIGKILL).expect("it is there");
    eventually("it is told", || {
        let deaths = fleet.deaths();
        deaths
            .iter()
            .any(|death| death.contains("was killed by SIGKILL"))
    });
    drop(fleet);
    assert_is_gone(&folder, &pids);
}

#[test]
fn a_worker_that_dies_is_told_once_by_its_number() {
    let mut fleet = System::of(&[server()]).launch();
    let workers = fleet.worker_pids().expect("workers of its own");
    kill(Pid::from_raw(workers[1]), Signal::SIGKILL).expect("it is there");
    eventually("it is gone", || !is_alive(workers[1]));
    let deaths = fleet.deaths();
    let [death] = &deaths[..] else {
        panic!("{deaths:?}");
    };
    let beginning = format!("worker 1 (evenkeel, process {})", workers[1]);
    assert!(death.starts_with(&beginning), "{death}");
    assert_eq!(fleet.deaths(), [""; 0], "a death is told once");
    assert!(!fleet.alive().contains(&Role::Worker(1)));
    assert_eq!(fleet.snapshot().workers[1].cpu, None);
}

#[test]
fn a_command_that_fails_later_is_a_death_with_its_reason() {
    let later = script("sleep 1; echo the well is dry; exit 5");
    let mut fleet = System::of(&[server(), later]).launch();
    let mut deaths = Vec::new();
    eventually("it is told", || {
        deaths.extend(fleet.deaths());
        deaths.iter().any(|death| death.contains("the well is dry"))
    });
    eventually("all is ended then", || fleet.alive().is_empty());
}

/// The process that all of these descend from.
fn supervisor_of(pids: &[i32]) -> i32 {
    let parent_of = |pid: &i32| -> i32 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
        let status = status.expect("it is there");
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        parent.expect("a parent").trim().parse().expect("a number")
    };
    let parents = pids.iter().map(parent_of);
    let mut others = parents.filter(|parent| !pids.contains(parent));
    others.next().expect("one that is none of them")
}

/// A study that serves a system.
struct Study {
    child: Child,
    pids: Vec<i32>,
    folder: PathBuf,
}

impl Study {
    /// One that has said where it serves.
    fn serve(system: &System) -> Self {
        let mut command = Command::new(EVENKEEL);
        command.args(["serve", "--format", "json", "-w", "2", "--peer"]);
        command.arg(system.file());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program can be run");
        let output = child.stdout.take().expect("it is a pipe");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        read.expect("it says where it serves");
        let said: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
        let processes = said["processes"].as_array().expect("a list").iter();
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
        kill(Pid::from_raw(pid), signal).expect("it is there");
    }
}

impl Drop for Study {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
