//! Policies that go by what workers have to do.

use std::num::NonZeroU32;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{Pick, Setup};

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
fn idle_waits_while_every_worker_has_a_hand_off_to_acknowledge() {
    let mut workers = loaded(&[1, 1]);
    let mut policy = policy("idle", 2);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Wait);
    workers.end(1, 1);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Worker(1));
}

#[test]
fn late_binding_waits_until_a_worker_has_less_in_flight_than_it_may() {
    let mut setup = Setup::new(2, 1);
    setup.options.max_in_flight = NonZeroU32::new(2).expect("not zero");
    let mut policy = (kind("late-binding").make)(&setup);
    let mut workers = loaded(&[2, 2]);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Wait);
    workers.end(0, 1);
    assert_eq!(policy.pick(&client(1), &mut workers), Pick::Worker(0));
}

/// Policies that take the least loaded of all workers.
const LEAST: [&str; 1] = ["late-binding"];

#[test]
fn equally_loaded_workers_get_equal_shares() {
    for name in LEAST {
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
