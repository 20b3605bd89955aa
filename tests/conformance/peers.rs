//! Conformance of the installed peers. Each is launched only once, since some take a second to start.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use evenkeel_strategies::mechanism::peer::differences;
use evenkeel_strategies::{Deployment, FleetSpec, Host, Strategy, WorkerKind, check_all};

use crate::support::client::{Client, get};
use crate::support::processes::{eventually, is_alive};
use crate::support::{SKIPPED, fleet_spec, launch_as, requested};
use crate::{WORKERS, peer_changes};

/// Environment variable with the names of peers that are installed, so they may not be skipped.
const MUST_RUN: &str = "EVENKEEL_MUST_RUN_PEERS";

/// Sizes of bodies; the test uses the first that the peer serves.
const BODIES: [usize; 2] = [1 << 20, 1 << 17];

#[test]
fn every_installed_peer_conforms_and_leaves_nothing() {
    let mut peers = requested("peer");
    peers.retain(|strategy| strategy.profile().is_peer);
    // Each remembers what it finds; searching for all at the same time is quicker.
    let _found = check_all(&peers, &Host::probe());
    let failed = peers.into_iter().filter(|strategy| !conforms(*strategy));
    let failed: Vec<&str> = failed.map(|strategy| strategy.key()).collect();
    assert_eq!(failed, [""; 0], "the messages above name the reasons");
}

/// Whether a peer conforms or may be skipped.
fn conforms(strategy: &'static dyn Strategy) -> bool {
    let key = strategy.key();
    if let Err(unmet) = strategy.check(&Host::probe()) {
        eprintln!("{SKIPPED}{key}: {unmet}");
        return !must_run(key);
    }
    // The panic message names the thread, and a panic does not stop the checks of other peers.
    let checking = thread::Builder::new().name(key.to_owned());
    let checking = checking.spawn(move || check(strategy)).expect("a thread");
    checking.join().is_ok()
}

fn must_run(key: &str) -> bool {
    let names = std::env::var_os(MUST_RUN).unwrap_or_default();
    let names = names.to_string_lossy();
    let name = key.split(':').nth(1);
    names.split_whitespace().any(|must| Some(must) == name)
}

fn check(strategy: &dyn Strategy) {
    // Its own address, since a fleet of another test might get the same port immediately.
    let spec = FleetSpec {
        listen: (Ipv4Addr::new(127, 0, 45, 1), 0).into(),
        ..fleet_spec(WORKERS)
    };
    let mut fleet = launch_as(strategy, &spec);
    has_its_processes(strategy, &fleet);
    let differs = differences(&strategy.profile(), &fleet, &spec).expect("our worker");
    assert!(
        differs.iter().all(|it| is_known(strategy, it)),
        "{differs:?}"
    );
    uses_all_workers(strategy, &fleet);
    sends_whole_bodies(strategy, &fleet);
    reports_its_cpu_time(&fleet);
    peer_changes::are_carried_out(strategy, &fleet);
    assert_eq!(fleet.deaths(), [""; 0]);
    leaves_nothing(fleet);
}

/// Whether the recipe of a peer announces this difference from our worker.
fn is_known(strategy: &dyn Strategy, difference: &str) -> bool {
    strategy.profile().closes_connections && difference.starts_with("connections are not kept")
}

fn has_its_processes(strategy: &dyn Strategy, fleet: &Deployment) {
    let (choosing, serving): (Vec<_>, Vec<_>) = fleet
        .processes()
        .partition(|(role, _)| role.is_dispatcher());
    assert_eq!(NonZeroUsize::new(serving.len()), NonZeroUsize::new(WORKERS));
    assert_eq!(fleet.workers(), WORKERS);
    assert!(!choosing.is_empty(), "a process started the workers");
    let names_them = strategy.profile().workers == WorkerKind::Foreign;
    let serving = serving.into_iter().map(|(_, pid)| pid);
    let expected = names_them.then(|| serving.collect::<BTreeSet<_>>());
    let named = fleet.worker_pids().map(|pids| pids.into_iter().collect());
    assert_eq!(named, expected);
}

/// Sends requests from many clients at once, each with its own address, since some peers choose by
/// address.
fn uses_all_workers(strategy: &dyn Strategy, fleet: &Deployment) {
    let target = match strategy.profile().targets.include("/block/2000") {
        true => "/block/2000".to_owned(),
        false => body_of(strategy).1,
    };
    let mut hosts = (1..=254).cycle();
    let mut seen = BTreeSet::new();
    eventually("every worker has served", || {
        let clients: Vec<u8> = hosts.by_ref().take(4 * WORKERS).collect();
        let answered = thread::scope(|scope| {
            let asking = clients.into_iter().map(|host| {
                let (target, address) = (&target, fleet.address());
                scope.spawn(move || {
                    let client = IpAddr::V4(Ipv4Addr::new(127, 0, 9, host));
                    let mut connection = Client::connect_from(client, address)?;
                    connection.get(target)
                })
            });
            let asking: Vec<_> = asking.collect();
            let answers = asking.into_iter().map(|it| it.join().expect("no panic"));
            answers.collect::<Result<Vec<_>, _>>().expect("answers")
        });
        assert!(answered.iter().all(|answer| answer.status == 200));
        seen.extend(answered.iter().map(|answer| answer.worker()));
        seen.len() == WORKERS || strategy.profile().may_leave_workers_out
    });
    let numbers = || (0..WORKERS).collect();
    let named = |pids: Vec<i32>| pids.into_iter().map(|pid| pid as usize).collect();
    let known: BTreeSet<usize> = fleet.worker_pids().map_or_else(numbers, named);
    assert!(seen.is_subset(&known), "{seen:?}");
}

fn sends_whole_bodies(strategy: &dyn Strategy, fleet: &Deployment) {
    let (bytes, target) = body_of(strategy);
    let answer = get(fleet.address(), &target).expect("an answer");
    assert_eq!((answer.status, answer.body.len()), (200, bytes));
    // The pattern restarts every 64 KiB.
    let pattern = (0..bytes).map(|at| b'a' + (at % 65536 % 26) as u8);
    assert!(answer.body.into_iter().eq(pattern), "other bytes");
}

fn body_of(strategy: &dyn Strategy) -> (usize, String) {
    let mut bodies = BODIES
        .into_iter()
        .map(|bytes| (bytes, format!("/bytes/{bytes}")));
    let served = bodies.find(|(_, target)| strategy.profile().targets.include(target));
    served.expect("it serves large bodies")
}

fn reports_its_cpu_time(fleet: &Deployment) {
    let snapshot = fleet.snapshot();
    assert!(
        snapshot.dispatcher_cpu.is_some(),
        "the dispatcher has no CPU time"
    );
    assert_eq!(snapshot.workers.len(), WORKERS);
    let known = snapshot.workers.iter().all(|worker| worker.cpu.is_some());
    assert!(known, "a worker has no CPU time");
}

fn leaves_nothing(fleet: Deployment) {
    let address = fleet.address();
    let pids: Vec<i32> = fleet.processes().map(|(_, pid)| pid).collect();
    let folder: PathBuf = fleet.system().expect("a peer").folder.clone();
    assert!(folder.is_dir(), "{}", folder.display());
    fleet.stop();
    assert!(!pids.into_iter().any(is_alive), "a process is left");
    assert!(!folder.exists(), "{} is left", folder.display());
    // Not at once, since a process that another test is starting briefly has copies of all our
    // descriptors.
    eventually("the port is closed", || Client::connect(address).is_err());
}
