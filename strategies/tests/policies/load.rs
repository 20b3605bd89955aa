//! Policies that use the load of workers.

use std::num::NonZeroU32;

use evenkeel_strategies::policy::{Pick, Setup};
use evenkeel_strategies::{Signal, Workers};
use proptest::prelude::*;

use crate::support::{client, counts, kind, loaded, picks, policy};

#[test]
fn idle_prefers_the_worker_that_acknowledged_longest_ago() {
    let mut workers = loaded(&[1, 1, 1]);
    for worker in [1, 2, 0] {
        workers.end(worker, 1);
    }
    let pick = policy("idle", 3).pick(&client(1), &mut workers);
    assert_eq!(pick, Pick::Worker(1));
}

#[test]
fn idle_waits_while_every_worker_has_an_unacknowledged_hand_off() {
    let mut workers = loaded(&[1, 1]);
    let mut policy = policy("idle", 2);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Wait);
    workers.end(1, 1);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Worker(1));
}

#[test]
fn late_binding_waits_until_a_worker_is_below_its_limit() {
    let mut setup = Setup::new(2, 1);
    setup.options.max_in_flight = NonZeroU32::new(2).expect("not zero");
    let mut policy = (kind("late-binding").make)(&setup);
    let mut workers = loaded(&[2, 2]);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Wait);
    workers.end(0, 1);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Worker(0));
}

/// Policies that pick the least loaded of all workers.
const LEAST: [&str; 4] = [
    "late-binding",
    "join-idle",
    "least-connections",
    "least-requests",
];

/// Policies that give equally loaded workers the same probability.
const EVEN: [&str; 7] = [
    "late-binding",
    "join-idle",
    "least-connections",
    "two-choices",
    "three-choices",
    "least-requests",
    "peak-ewma",
];

/// An event of a worker.
#[derive(Clone, Copy, Debug)]
enum Event {
    Begin,
    End,
    Gone,
    Back,
}

proptest! {
    #[test]
    fn idle_picks_the_worker_that_acknowledged_longest_ago_after_any_events(
        events in prop::collection::vec((0..6_usize, 0..4_usize), 0..60),
    ) {
        let mut workers = Workers::new(6);
        let mut acknowledged: Vec<usize> = (0..6).collect();
        let (mut outstanding, mut gone) = ([0; 6], [false; 6]);
        for (worker, event) in events {
            match [Event::Begin, Event::End, Event::Gone, Event::Back][event] {
                Event::Begin => {
                    workers.begin(worker);
                    outstanding[worker] += 1;
                }
                Event::End if outstanding[worker] > 0 => {
                    workers.end(worker, 1);
                    outstanding[worker] -= 1;
                    acknowledged.retain(|other| *other != worker);
                    acknowledged.push(worker);
                }
                Event::End => {}
                event => {
                    gone[worker] = matches!(event, Event::Gone);
                    workers.set_available(worker, !gone[worker]);
                }
            }
            let mut free = acknowledged.iter().filter(|w| outstanding[**w] == 0 && !gone[**w]);
            let expected = free.next().map_or(Pick::Wait, |worker| Pick::Worker(*worker));
            prop_assert_eq!(policy("idle", 6).pick(&client(1), &mut workers), expected);
        }
    }

    #[test]
    fn a_least_loaded_worker_is_picked_and_in_time_each_of_those_tied(
        loads in prop::collection::vec(0..3_u32, 1..40),
    ) {
        let least = loads.iter().min().copied().expect("at least one");
        let tied = |worker: usize| loads[worker] == least;
        let picked = picks(&mut *policy("least-connections", loads.len()), 2000, &mut loaded(&loads));
        prop_assert!(picked.iter().all(|worker| tied(*worker)));
        let counted = counts(&picked, loads.len());
        prop_assert!((0..loads.len()).all(|worker| !tied(worker) || counted[worker] > 0));
    }
}

#[test]
fn equally_loaded_workers_get_equal_shares() {
    for name in EVEN {
        let order = picks(&mut *policy(name, 8), 8000, &mut Workers::new(8));
        let counts = counts(&order, 8);
        assert!(
            counts.iter().all(|count| count.abs_diff(1000) < 180),
            "{name}: {counts:?}"
        );
    }
}

#[test]
fn loads_are_read_at_the_moment_of_the_pick() {
    for name in LEAST {
        let (mut policy, mut workers) = (policy(name, 3), loaded(&[0, 1, 1]));
        let mut pick = |workers: &mut Workers| policy.pick(&client(1), workers);
        assert_eq!(pick(&mut workers), Pick::Worker(0), "{name}");
        workers.begin(0);
        workers.end(2, 1);
        assert_eq!(pick(&mut workers), Pick::Worker(2), "{name}");
    }
}

#[test]
fn least_connections_spreads_what_stays() {
    let (mut policy, mut workers) = (policy("least-connections", 5), Workers::new(5));
    for number in 0..50 {
        let Pick::Worker(worker) = policy.pick(&client(number), &mut workers) else {
            panic!("workers are available");
        };
        workers.begin(worker);
    }
    assert_eq!(workers.loads(Signal::Connections), [10; 5]);
}

#[test]
fn join_idle_picks_any_worker_if_none_is_idle() {
    let order = picks(
        &mut *policy("join-idle", 4),
        4000,
        &mut loaded(&[9, 1, 1, 1]),
    );
    let counts = counts(&order, 4);
    assert!(
        counts.iter().all(|count| count.abs_diff(1000) < 180),
        "{counts:?}"
    );
}

proptest! {
    #[test]
    fn two_choices_picks_the_less_busy_of_two(loads in (0..5_u32, 0..5_u32), seed in any::<u64>()) {
        let mut policy = (kind("two-choices").make)(&Setup::new(2, seed));
        let mut workers = loaded(&[loads.0, loads.1]);
        for worker in picks(&mut *policy, 20, &mut workers) {
            let (taken, left) = if worker == 0 { loads } else { (loads.1, loads.0) };
            prop_assert!(taken <= left);
        }
    }

    #[test]
    fn choices_never_pick_workers_that_are_busiest_and_fewer_than_the_choices(others in prop::collection::vec(0..5_u32, 1..20), seed in any::<u64>()) {
        for (name, choices) in [("two-choices", 2), ("three-choices", 3)] {
            let mut loads = others.clone();
            loads.extend(vec![5; choices - 1]);
            let mut policy = (kind(name).make)(&Setup::new(loads.len(), seed));
            let order = picks(&mut *policy, 50, &mut loaded(&loads));
            prop_assert!(order.iter().all(|worker| *worker < others.len()), "{}", name);
        }
    }
}
