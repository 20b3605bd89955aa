//! Workers that come and go while a policy picks.

use std::time::Duration;

use evenkeel_strategies::policy::{self, Pick, Policy};
use evenkeel_strategies::{Life, Workers};

use crate::support::{client, counts, loaded, picks, policy};

/// Replaces the worker in a place, which may still be there.
fn replace(place: usize, policy: &mut dyn Policy, workers: &mut Workers) {
    let generation = workers.life(place).generation + 1;
    workers.admit(Life { place, generation });
    policy.replaced(place);
}

#[test]
fn an_empty_place_is_never_picked_and_its_next_worker_is() {
    for kind in policy::all() {
        let name = kind.name;
        let (mut policy, mut workers) = (policy(name, 4), Workers::new(4));
        picks(&mut *policy, 20, &mut workers);
        workers.retire(workers.life(2));
        let without = counts(&picks(&mut *policy, 100, &mut workers), 4);
        assert_eq!(without[2], 0, "{name}: {without:?}");
        workers.admit(workers.life(2));
        policy.replaced(2);
        // Nothing ends in between, so the policy with a free list picks its last worker, too.
        let with = counts(&picks_and_begins(&mut *policy, 200, &mut workers), 4);
        assert!(with[2] > 0, "{name}: {with:?}");
    }
}

/// Like [`picks`], with each arrival in flight. Those of a policy that waits then end.
fn picks_and_begins(policy: &mut dyn Policy, arrivals: u32, workers: &mut Workers) -> Vec<usize> {
    let mut picked = Vec::new();
    for number in 0..arrivals {
        match policy.pick(&client(number), workers) {
            Pick::Worker(worker) => {
                workers.begin(worker);
                picked.push(worker);
            }
            Pick::Wait => (0..workers.count()).for_each(|worker| workers.end(worker, u32::MAX)),
        }
    }
    picked
}

#[test]
fn no_policy_picks_anybody_when_all_places_are_empty() {
    for kind in policy::all() {
        let (mut policy, mut workers) = (policy(kind.name, 3), Workers::new(3));
        picks(&mut *policy, 3, &mut workers);
        (0..3).for_each(|place| workers.retire(workers.life(place)));
        assert_eq!(
            policy.pick(&client(9), &mut workers),
            Pick::Wait,
            "{}",
            kind.name
        );
    }
}

#[test]
fn a_new_worker_starts_with_nothing_in_flight() {
    for name in [
        "least-connections",
        "least-requests",
        "join-idle",
        "late-binding",
    ] {
        let (mut policy, mut workers) = (policy(name, 3), loaded(&[1, 7, 2]));
        replace(1, &mut *policy, &mut workers);
        assert_eq!(picks(&mut *policy, 20, &mut workers), [1; 20], "{name}");
    }
}

#[test]
fn a_new_worker_is_the_last_of_the_free_ones() {
    let (mut policy, mut workers) = (policy("idle", 3), Workers::new(3));
    replace(0, &mut *policy, &mut workers);
    assert_eq!(picks_and_begins(&mut *policy, 3, &mut workers), [1, 2, 0]);
}

#[test]
fn the_clients_of_a_place_stay_with_it_when_its_worker_is_replaced() {
    let sticky = policy::all().filter(|kind| kind.sticky.is_some_and(|by| by.contains("address")));
    for name in sticky.map(|kind| kind.name) {
        let (mut policy, mut workers) = (policy(name, 5), Workers::new(5));
        let before = picks(&mut *policy, 100, &mut workers);
        replace(3, &mut *policy, &mut workers);
        assert_eq!(picks(&mut *policy, 100, &mut workers), before, "{name}");
    }
}

#[test]
fn a_rotation_goes_on_when_a_worker_is_replaced() {
    let (mut policy, mut workers) = (policy("round-robin", 3), Workers::new(3));
    let before = picks(&mut *policy, 2, &mut workers);
    replace(2, &mut *policy, &mut workers);
    let after = picks(&mut *policy, 4, &mut workers);
    assert_eq!([before, after].concat(), [0, 1, 2, 0, 1, 2]);
}

#[test]
fn the_latency_of_a_worker_is_not_that_of_its_successor() {
    let (slow, fast) = (Duration::from_millis(80), Duration::from_millis(1));
    for name in ["peak-ewma", "prequal"] {
        let (mut policy, mut workers) = (policy(name, 2), Workers::new(2));
        for _ in 0..8 {
            policy.answered(0, slow, Duration::ZERO);
            policy.answered(1, fast, Duration::ZERO);
        }
        picks(&mut *policy, 50, &mut workers);
        replace(0, &mut *policy, &mut workers);
        // It has answered nothing yet, so it is tried.
        let first = counts(&picks(&mut *policy, 200, &mut workers), 2);
        assert!(first[0] > first[1], "{name}: {first:?}");
    }
}
