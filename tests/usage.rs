//! What the processes of a fleet use, except for CPU time, as seen from outside.

mod support;

use std::net::SocketAddr;

use evenkeel_strategies::{Deployment, Role, Strategy, catalog, system_call_tracepoint};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::{Client, get};
use support::launch;
use support::processes::eventually;

fn strategy(key: &str) -> &'static dyn Strategy {
    catalog::select(&[key]).expect("it is in the catalogue")[0]
}

/// Opens connections and gets an answer on each, so that the worker has accepted them.
fn clients(server: SocketAddr, count: usize) -> Vec<Client> {
    let client = |_| {
        let mut client = Client::connect(server).expect("it listens");
        assert_eq!(client.get("/").expect("it answers").status, 200);
        client
    };
    (0..count).map(client).collect()
}

#[test]
fn only_a_fleet_with_a_dispatcher_has_figures_of_a_dispatcher() {
    for (key, has_dispatcher) in [
        ("single", false),
        ("handoff:idle", true),
        ("proxy:random", true),
    ] {
        let fleet = launch(strategy(key), 2);
        let (held, switches) = (fleet.holdings(), fleet.switches());
        assert_eq!(held.dispatcher.is_some(), has_dispatcher, "{key}");
        assert_eq!(switches.dispatcher.is_some(), has_dispatcher, "{key}");
        assert!(switches.workers.is_some(), "{key}");
        let workers = held.workers.expect("they are there");
        assert!(workers.descriptors > 0 && workers.resident_bytes > 0);
    }
}

#[test]
fn every_open_connection_is_a_descriptor_of_the_process_that_has_it() {
    const CLIENTS: usize = 30;
    let of_workers = |fleet: &Deployment| fleet.holdings().workers.expect("there").descriptors;
    let of_dispatcher =
        |fleet: &Deployment| fleet.holdings().dispatcher.expect("there").descriptors;
    let handoff = launch(strategy("handoff:round-robin"), 2);
    let proxy = launch(strategy("proxy:round-robin"), 2);
    let before = [of_workers(&handoff), of_dispatcher(&proxy)];
    let held = [
        clients(handoff.address(), CLIENTS),
        clients(proxy.address(), CLIENTS),
    ];
    let more = [of_workers(&handoff), of_dispatcher(&proxy)];
    assert!(more[0] >= before[0] + CLIENTS as u64, "{before:?} {more:?}");
    assert!(more[1] >= before[1] + CLIENTS as u64, "{before:?} {more:?}");
    drop(held);
}

#[test]
fn after_the_death_of_a_process_its_side_has_no_figures() {
    let fleet = launch(strategy("handoff:idle"), 2);
    let worker = fleet.processes().find(|(role, _)| *role == Role::Worker(1));
    let (_, pid) = worker.expect("the fleet has two");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is ours");
    eventually("the dead worker holds nothing", || {
        fleet.holdings().workers.is_none()
    });
    assert!(fleet.holdings().dispatcher.is_some());
}

#[test]
fn each_waiting_request_causes_a_voluntary_context_switch() {
    let fleet = launch(strategy("single"), 1);
    let before = fleet.switches().workers.expect("it is there");
    for _ in 0..20 {
        get(fleet.address(), "/sleep/1000").expect("it answers");
    }
    let now = fleet.switches().workers.expect("it is there");
    let switches = now.since(&before).expect("no thread has ended");
    assert!(switches.voluntary >= 20, "{switches:?}");
}

#[test]
fn system_calls_are_counted_if_this_user_has_the_right() {
    let tracepoint = match system_call_tracepoint() {
        Ok(tracepoint) => tracepoint,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let fleet = launch(strategy("handoff:idle"), 2);
    let calls = fleet.count_system_calls(tracepoint);
    let so_far = |side: &Option<evenkeel_strategies::SystemCalls>| {
        let calls = side.as_ref().expect("a counter");
        calls.so_far().expect("a count")
    };
    let before = so_far(&calls.workers);
    for _ in 0..10 {
        get(fleet.address(), "/").expect("it answers");
    }
    // Accepting, reading and answering take at least one call each.
    assert!(so_far(&calls.workers) >= before + 30);
    assert!(so_far(&calls.dispatcher) >= 20, "accept and pass on");
}
