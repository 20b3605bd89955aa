//! What happens to an installed peer while it is changed under load.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use evenkeel_strategies::{
    Change, Deployment, FleetEvent, FleetEventKind, Reload, Role, Strategy, WorkerKind,
};

use crate::WORKERS;
use crate::support::SKIPPED;
use crate::support::client::{Client, get};
use crate::support::processes::{eventually, is_alive};

/// Carries out every change that the peer can do.
pub(crate) fn are_carried_out(strategy: &dyn Strategy, fleet: &Deployment) {
    let workers = |number| NonZeroUsize::new(number).expect("not 0");
    let scale = |number| Change::Scale {
        workers: workers(number),
        close: None,
    };
    let reload = Change::Reload(Reload::default());
    if changes(strategy, fleet, &reload) {
        assert_all_are_replaced(strategy, fleet);
    }
    if changes(strategy, fleet, &Change::Restart { worker: 1 }) {
        let ended = exits(fleet).filter(|event| event.role == Role::Worker(1));
        assert!(ended.count() >= 1, "it has ended");
        assert_workers(strategy, fleet, WORKERS);
    }
    for number in [WORKERS + 1, WORKERS - 1] {
        if changes(strategy, fleet, &scale(number)) {
            assert_workers(strategy, fleet, number);
        }
    }
}

/// Carries out a change under load, if the peer can do it. Returns whether it can.
fn changes(strategy: &dyn Strategy, fleet: &Deployment, change: &Change) -> bool {
    let key = strategy.key();
    if let Err(unmet) = fleet.can_change(change) {
        eprintln!("{SKIPPED}{change:?} of {key}: {unmet}");
        return false;
    }
    let (address, is_over) = (fleet.address(), AtomicBool::new(false));
    thread::scope(|scope| {
        let clients = [false, true].map(|keeps| {
            let is_over = &is_over;
            scope.spawn(move || ask(address, keeps, is_over))
        });
        let changed = fleet.change(change);
        is_over.store(true, Ordering::Relaxed);
        let answers = clients.map(|client| client.join().expect("no panic"));
        assert!(answers.iter().sum::<usize>() > 0, "{key}");
        changed.unwrap_or_else(|error| panic!("{change:?} of {key}: {error}"));
    });
    true
}

/// Sends one request after another, all on one connection as long as it is kept, or each on its own.
/// Returns how many were answered. Some systems lose requests meanwhile, or leave one without an answer.
fn ask(address: SocketAddr, keeps: bool, is_over: &AtomicBool) -> usize {
    let (mut answers, mut kept) = (0, None);
    while !is_over.load(Ordering::Relaxed) {
        let connected = kept.take().map_or_else(|| Client::connect(address), Ok);
        let Ok(mut client) = connected else { continue };
        if client.get("/").is_ok_and(|answer| answer.status == 200) {
            answers += 1;
            kept = Some(client).filter(|_| keeps);
        }
    }
    answers
}

fn exits(fleet: &Deployment) -> impl Iterator<Item = FleetEvent> {
    let events = fleet.events().into_iter();
    events.filter(|event| matches!(event.what, FleetEventKind::Exit { .. }))
}

fn assert_all_are_replaced(strategy: &dyn Strategy, fleet: &Deployment) {
    let key = strategy.key();
    let ended: Vec<FleetEvent> = exits(fleet).collect();
    let is_intended =
        |event: &FleetEvent| matches!(event.what, FleetEventKind::Exit { intended: true, .. });
    assert!(ended.iter().all(is_intended), "{key}: {ended:?}");
    let pids: BTreeSet<i32> = ended.iter().filter_map(|event| event.pid).collect();
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "{key}");
    let roles: BTreeSet<String> = ended.iter().map(|event| event.role.to_string()).collect();
    let events = fleet.events();
    let new = events
        .iter()
        .filter(|event| event.generation == 1 && matches!(event.what, FleetEventKind::Listening));
    let new: BTreeSet<String> = new.map(|event| event.role.to_string()).collect();
    assert_eq!(roles, new, "{key}: who ended and who came");
    match strategy.profile().workers {
        WorkerKind::Foreign => assert_eq!(roles.len(), WORKERS, "{key}"),
        _ => assert!(!roles.is_empty(), "{key}"),
    }
    assert_workers(strategy, fleet, WORKERS);
}

/// Asserts that a server has this number of workers, whose answers name them.
fn assert_workers(strategy: &dyn Strategy, fleet: &Deployment, number: usize) {
    let Some(pids) = fleet.worker_pids() else {
        return;
    };
    let key = strategy.key();
    assert_eq!(pids.len(), number, "{key}: {pids:?}");
    eventually("a worker that is there answers", || {
        let answer = get(fleet.address(), "/");
        answer.is_ok_and(|answer| pids.contains(&(answer.worker() as i32)))
    });
}
