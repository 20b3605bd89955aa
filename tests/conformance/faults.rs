//! Changes of a fleet whose workers do not do what they are to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use evenkeel_strategies::{
    Change, ChangeError, Deployment, Exit, FleetEvent, FleetEventKind, FleetSpec, LaunchError,
    Order, Overlap, Reload, Respawn, Role, catalog,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::WORKERS;
use crate::support::client::get;
use crate::support::processes::eventually;
use crate::support::{fleet_spec, launch_as};

fn launch(spec: &FleetSpec) -> Deployment {
    let strategy = catalog::select(&["shared-listener"]).expect("a key")[0];
    launch_as(strategy, spec)
}

const RELOAD: Change = Change::Reload(Reload {
    order: Order::OneAtATime,
    overlap: Overlap::StartThenDrain,
    drain_within: Some(Duration::from_millis(300)),
});

fn events_of(fleet: &Deployment, role: Role, generation: u32) -> Vec<FleetEvent> {
    let events = fleet.events().into_iter();
    let its = events.filter(|event| event.role == role && event.generation == generation);
    its.collect()
}

fn end_of(fleet: &Deployment, role: Role, generation: u32) -> Option<(Exit, bool)> {
    let events = events_of(fleet, role, generation).into_iter();
    let mut ends = events.filter_map(|event| match event.what {
        FleetEventKind::Exit { how, intended } => Some((how?, intended)),
        _ => None,
    });
    ends.next()
}

/// A program that is evenkeel until it is spoiled, and then runs a command of the shell instead.
struct Spoilable {
    folder: TempDir,
}

impl Spoilable {
    fn new(spec: &mut FleetSpec, instead: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!(
            "#!/bin/sh\n[ -e {0}/spoiled ] && exec {instead}\nexec {1} \"$@\"\n",
            folder.path().display(),
            spec.executable.display()
        );
        let path = folder.path().join("evenkeel");
        fs::write(&path, script).expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our file");
        spec.executable = path;
        Self { folder }
    }

    fn spoil(&self) {
        fs::write(self.folder.path().join("spoiled"), "").expect("a file");
    }
}

#[test]
fn a_worker_that_ignores_sigterm_is_killed_after_its_drain_time() {
    let fleet = launch(&fleet_spec(WORKERS));
    let (role, stopped) = fleet.processes().next().expect("a worker");
    kill(Pid::from_raw(stopped), Signal::SIGSTOP).expect("it was running");
    fleet.change(&RELOAD).expect("a reload");
    let killed = Exit::Signal(Signal::SIGKILL as i32);
    assert_eq!(end_of(&fleet, role, 0), Some((killed, true)));
    assert_eq!(fleet.processes().count(), WORKERS);
}

#[test]
fn a_new_worker_that_ends_at_once_or_never_listens_leaves_the_old_ones_serving() {
    for (instead, words) in [
        ("sh -c 'exit 3'", "closed its socket"),
        ("sleep 60", "it was not ready within 6s"),
    ] {
        let mut spec = fleet_spec(WORKERS);
        spec.ready_within = Duration::from_secs(6);
        let program = Spoilable::new(&mut spec, instead);
        let fleet = launch(&spec);
        let before: Vec<_> = fleet.processes().collect();
        program.spoil();
        let error = fleet.change(&RELOAD).expect_err(instead);
        let is_not_ready = matches!(error, ChangeError::Launch(LaunchError::NotReady { .. }));
        assert!(is_not_ready, "{instead}: {error}");
        assert!(error.to_string().contains(words), "{instead}: {error}");
        assert_eq!(fleet.processes().collect::<Vec<_>>(), before, "{instead}");
        assert_eq!(get(fleet.address(), "/").expect(instead).status, 200);
        let first_of_second_life: Vec<_> = events_of(&fleet, Role::Worker(0), 1);
        let names = first_of_second_life.iter().map(|event| event.what.name());
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["fork", "online", "exit"],
            "{instead}"
        );
    }
}

/// Few crashes in a long time, so that a busy machine counts the same.
const RESPAWN: Respawn = Respawn {
    delay: Duration::from_millis(10),
    at_most: 2,
    within: Duration::from_secs(600),
};

#[test]
fn a_worker_that_crashes_is_replaced_until_that_has_failed_too_often() {
    let mut spec = fleet_spec(WORKERS);
    spec.respawn = Some(RESPAWN);
    let program = Spoilable::new(&mut spec, "sh -c 'exit 3'");
    let mut fleet = launch(&spec);
    crash(&fleet, 1);
    eventually("the worker is replaced", || has(&fleet, 1, "admitted"));
    assert_eq!(fleet.processes().count(), WORKERS);
    program.spoil();
    crash(&fleet, 1);
    let gives_up = |event: &FleetEvent| matches!(event.what, FleetEventKind::GaveUp { .. });
    eventually("the fleet gives up", || fleet.events().iter().any(gives_up));
    assert_eq!(
        fleet.deaths().len(),
        3,
        "two kills, and one that ended at once"
    );
    assert!(!fleet.alive().contains(&Role::Worker(1)));
    assert_eq!(get(fleet.address(), "/").expect("two others").status, 200);
}

#[test]
fn a_worker_that_is_killed_during_a_reload_does_not_stop_it() {
    let fleet = launch(&fleet_spec(WORKERS));
    std::thread::scope(|scope| {
        let reloading = scope.spawn(|| fleet.change(&RELOAD));
        eventually("the reload has begun", || has(&fleet, 1, "fork"));
        crash(&fleet, 2);
        reloading.join().expect("it ran").expect("a reload");
    });
    assert_eq!(fleet.processes().count(), WORKERS);
    assert_eq!(get(fleet.address(), "/").expect("it serves").status, 200);
}

#[test]
fn a_change_that_is_abandoned_ends_and_the_fleet_serves() {
    let fleet = launch(&fleet_spec(WORKERS));
    std::thread::scope(|scope| {
        let reloading = scope.spawn(|| fleet.change(&RELOAD));
        eventually("the reload has begun", || has(&fleet, 1, "fork"));
        fleet.abandon_changes();
        let outcome = reloading.join().expect("it ran");
        assert!(
            matches!(outcome, Err(ChangeError::Abandoned)),
            "{outcome:?}"
        );
    });
    assert_eq!(get(fleet.address(), "/").expect("it serves").status, 200);
    fleet.stop();
}

/// Whether something has happened to any life of this generation.
fn has(fleet: &Deployment, generation: u32, name: &str) -> bool {
    let events = fleet.events();
    let mut its = events.iter().filter(|event| event.generation == generation);
    its.any(|event| event.what.name() == name)
}

/// Kills the process of a worker.
fn crash(fleet: &Deployment, worker: usize) {
    let mut processes = fleet.processes();
    let worker = processes.find(|(role, _)| *role == Role::Worker(worker));
    let (_, pid) = worker.expect("it runs");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it was running");
}
