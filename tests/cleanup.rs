//! Nothing remains after a deployment stops, nor after the study itself is killed.

mod support;

use std::process::{Child, Command, Stdio};

use evenkeel_strategies::Strategy;
use support::processes::{children_of, eventually, is_alive};
use support::{EVENKEEL, ONLY, for_each_at_once, launch, supported_strategies};

const WORKERS: usize = 3;

/// One test, since it counts the descriptors of the whole test process.
#[test]
fn nothing_remains() {
    let strategies = supported_strategies();
    deployments_close_every_descriptor(&strategies);
    for_each_at_once(&strategies, |strategy| {
        the_fleet_of_a_killed_study_ends(*strategy);
    });
}

fn deployments_close_every_descriptor(strategies: &[&dyn Strategy]) {
    for_each_at_once(strategies, |strategy| drop(launch(*strategy, WORKERS)));
    let before = open_descriptors();
    for_each_at_once(strategies, |strategy| {
        drop(launch(*strategy, WORKERS));
        launch(*strategy, WORKERS).stop();
    });
    let hint = format!("{ONLY}=KEY checks one strategy");
    assert_eq!(open_descriptors(), before, "{hint}");
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("Linux has /proc")
        .count()
}

fn the_fleet_of_a_killed_study_ends(strategy: &dyn Strategy) {
    let mut study = serve(strategy);
    let pid = study.id().cast_signed();
    let servers = match strategy.key().split(':').next() {
        Some("single" | "threads") => 1,
        _ => WORKERS,
    };
    let processes = servers + usize::from(strategy.profile().policy.is_some());
    eventually("the fleet is up", || children_of(pid).len() == processes);
    let fleet = children_of(pid);
    study.kill().expect("it was running");
    study.wait().expect("it can be reaped");
    for process in fleet {
        eventually("the fleet is gone", || !is_alive(process));
    }
}

fn serve(strategy: &dyn Strategy) -> Child {
    let mut command = Command::new(EVENKEEL);
    command.args([
        "serve",
        "-s",
        strategy.key(),
        "-w",
        &WORKERS.to_string(),
        "--listen",
        "127.0.0.1:0",
    ]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program can be run")
}
