//! What dispatchers and workers give up when root starts them.

mod support;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use evenkeel_strategies::{Deployment, Privileges, Role, Strategy, User};
use nix::unistd::geteuid;
use support::client::get;
use support::processes::{children_of, eventually, is_alive};
use support::{EVENKEEL, SKIPPED, fleet_spec, for_each_strategy, launch, launch_as};

/// CAP_NET_ADMIN and CAP_BPF of linux/capability.h.
const FOR_BPF: u64 = 1 << 12 | 1 << 39;

#[test]
fn processes_keep_only_the_capabilities_that_their_mechanism_needs() {
    if !is_root() {
        return;
    }
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, 2);
        for (role, status) in statuses(&fleet) {
            let kept = match role.is_dispatcher() && needs_bpf(strategy) {
                true => FOR_BPF,
                false => 0,
            };
            for set in ["CapEff", "CapPrm", "CapBnd"] {
                let held = u64::from_str_radix(&status[set], 16).expect("a mask");
                assert_eq!(held, kept, "{key}: {set} of {role}");
            }
            for set in ["CapInh", "CapAmb"] {
                assert_eq!(status[set].trim_matches('0'), "", "{key}: {set} of {role}");
            }
            assert_eq!(status["NoNewPrivs"], "1", "{key}: {role}");
            assert_eq!(status["Uid"], "0 0 0 0", "{key}: {role}");
        }
    });
}

#[test]
fn processes_become_the_user_that_root_chooses() {
    if !is_root() {
        return;
    }
    let nobody = User::named("nobody").expect("every Linux has it");
    for_each_strategy(|strategy, key| {
        let mut spec = fleet_spec(2);
        spec.user = Some(nobody.clone());
        let fleet = launch_as(strategy, &spec);
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        let ids = |id: u32| format!("{id} {id} {id} {id}");
        for (role, status) in statuses(&fleet) {
            assert_eq!(status["Uid"], ids(nobody.uid), "{key}: {role}");
            assert_eq!(status["Gid"], ids(nobody.gid), "{key}: {role}");
            assert_eq!(status["Groups"], "", "{key}: {role}");
        }
    });
}

#[test]
fn processes_of_another_user_end_with_a_study_that_is_killed() {
    if !is_root() {
        return;
    }
    let mut study = Command::new(EVENKEEL)
        .args(["serve", "-s", "handoff:idle", "-w", "2", "--user", "nobody"])
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be run");
    let pid = study.id().cast_signed();
    eventually("the fleet is up", || children_of(pid).len() == 3);
    let fleet = children_of(pid);
    study.kill().expect("it was running");
    study.wait().expect("it can be reaped");
    for process in fleet {
        eventually("the fleet is gone", || !is_alive(process));
    }
}

#[test]
fn nothing_of_the_environment_reaches_dispatchers_and_workers() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, 2);
        for (role, pid) in fleet.processes() {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).expect("it runs");
            let environment = String::from_utf8(environment).expect("UTF-8");
            let variables = environment.split_terminator('\0');
            let names: Vec<&str> = variables
                .filter_map(|pair| Some(pair.split_once('=')?.0))
                .collect();
            assert_eq!(names, ["LISTEN_FDNAMES", "LISTEN_FDS"], "{key}: {role}");
        }
    });
}

fn is_root() -> bool {
    let is_root = geteuid().is_root();
    if !is_root {
        eprintln!("{SKIPPED}what root gives up: these tests do not run as root");
    }
    is_root
}

fn needs_bpf(strategy: &dyn Strategy) -> bool {
    strategy.profile().privileges == Privileges::Bpf
}

/// Returns the status of each process of a fleet (proc_pid_status(5)), with single spaces.
fn statuses(fleet: &Deployment) -> Vec<(Role, BTreeMap<String, String>)> {
    let status = |(role, pid): (Role, i32)| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let words = |value: &str| value.split_whitespace().collect::<Vec<_>>().join(" ");
        let status = lines.map(|(name, value)| (name.to_owned(), words(value)));
        (role, status.collect())
    };
    fleet.processes().map(status).collect()
}
