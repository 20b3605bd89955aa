//! Policies with affinity: a client gets the same worker again.

use std::net::IpAddr;

use evenkeel_strategies::policy::{Arrival, Pick};
use evenkeel_strategies::{Signal, Workers};
use proptest::prelude::*;

use crate::support::{client, counts, picks, policy};

/// Policies that give each client of an idle fleet one worker.
const STICKY: [&str; 4] = ["sticky", "consistent", "maglev", "sticky-header"];

/// Those of them that move only the clients of a lost worker.
const MINIMAL: [&str; 3] = ["sticky", "consistent", "sticky-header"];

#[test]
fn a_client_gets_the_same_worker_every_time() {
    for name in STICKY {
        let (mut policy, mut workers) = (policy(name, 5), Workers::new(5));
        let first = picks(&mut *policy, 200, &mut workers);
        assert_eq!(first, picks(&mut *policy, 200, &mut workers), "{name}");
    }
}

#[test]
fn clients_are_spread_over_all_workers() {
    // 8,000 clients over 8 workers: the count of one worker has a standard deviation of 30.
    for name in STICKY {
        let clients = picks(&mut *policy(name, 8), 8000, &mut Workers::new(8));
        let clients = counts(&clients, 8);
        assert!(
            clients.iter().all(|count| count.abs_diff(1000) < 180),
            "{name}: {clients:?}"
        );
    }
}

#[test]
fn an_ipv4_client_of_a_dual_stack_listener_is_recognised() {
    let plain = client(77);
    let IpAddr::V4(address) = plain.client else {
        unreachable!("made as IPv4")
    };
    let mapped = Arrival {
        client: IpAddr::V6(address.to_ipv6_mapped()),
        ..plain
    };
    for name in STICKY {
        let (mut policy, mut workers) = (policy(name, 16), Workers::new(16));
        assert_eq!(
            policy.pick(&plain, &mut workers),
            policy.pick(&mapped, &mut workers),
            "{name}"
        );
    }
}

#[test]
fn the_affinity_key_of_a_request_takes_precedence_over_the_clients_address() {
    let (mut policy, mut workers) = (policy("sticky-header", 16), Workers::new(16));
    let mut pick = |number| {
        let affinity_key = Some(4711);
        let arrival = Arrival {
            affinity_key,
            ..client(number)
        };
        policy.pick(&arrival, &mut workers)
    };
    let first = pick(0);
    assert!((1..50).all(|number| pick(number) == first));
}

#[test]
fn a_cookie_is_followed_only_to_an_available_worker() {
    let (mut policy, mut workers) = (policy("sticky-cookie", 4), Workers::new(4));
    workers.set_available(1, false);
    let mut pick = |affinity_key| {
        let arrival = Arrival {
            affinity_key,
            ..client(1)
        };
        policy.pick(&arrival, &mut workers)
    };
    assert!((0..20).all(|_| pick(Some(2)) == Pick::Worker(2)));
    for forged in [None, Some(1), Some(4), Some(u64::MAX)] {
        assert!(
            matches!(pick(forged), Pick::Worker(0 | 2 | 3)),
            "{forged:?}"
        );
    }
}

#[test]
fn maglev_moves_few_clients_of_other_workers_when_one_is_lost() {
    let (mut policy, mut workers) = (policy("maglev", 10), Workers::new(10));
    let before = picks(&mut *policy, 2000, &mut workers);
    workers.set_available(4, false);
    let without = picks(&mut *policy, 2000, &mut workers);
    let moved = before
        .iter()
        .zip(&without)
        .filter(|(before, without)| **before != 4 && before != without);
    assert!(moved.count() < 200, "of 2,000 clients");
    workers.set_available(4, true);
    assert_eq!(before, picks(&mut *policy, 2000, &mut workers));
}

proptest! {
    #[test]
    fn consistent_gives_no_worker_more_than_its_share_and_a_quarter(
        count in 1..12_usize,
        clients in prop::collection::vec(0..6_u32, 1..200),
    ) {
        let (mut policy, mut workers) = (policy("consistent", count), Workers::new(count));
        for (given, number) in (1_u32..).zip(clients) {
            let Pick::Worker(worker) = policy.pick(&client(number), &mut workers) else {
                panic!("workers are available");
            };
            workers.begin(worker);
            let share = f64::from(given) / count as f64;
            let most = workers.loads(Signal::Connections).iter().copied().max();
            prop_assert!(f64::from(most.unwrap_or(0)) <= (1.25 * share).ceil());
        }
    }

    #[test]
    fn the_loss_of_a_worker_moves_only_its_own_clients_and_its_return_brings_them_back(
        count in 2..20_usize,
        lost in any::<prop::sample::Index>(),
    ) {
        let lost = lost.index(count);
        for name in MINIMAL {
            let (mut policy, mut workers) = (policy(name, count), Workers::new(count));
            let before = picks(&mut *policy, 300, &mut workers);
            workers.set_available(lost, false);
            let without = picks(&mut *policy, 300, &mut workers);
            for (before, without) in before.iter().zip(without) {
                prop_assert!(*before == without || *before == lost, "{}", name);
                prop_assert_ne!(without, lost, "{}", name);
            }
            workers.set_available(lost, true);
            prop_assert_eq!(before, picks(&mut *policy, 300, &mut workers), "{}", name);
        }
    }
}

#[test]
fn every_worker_of_the_largest_possible_fleet_has_a_slot_in_the_table() {
    // The command line rejects more than 1,024 processes.
    for count in [1, 2, 127, 1024] {
        let (mut policy, mut workers) = (policy("maglev", count), Workers::new(count));
        let clients = picks(&mut *policy, 40 * count as u32, &mut workers);
        let had = counts(&clients, count)
            .iter()
            .filter(|had| **had > 0)
            .count();
        assert_eq!(had, count);
        for worker in 1..count {
            workers.set_available(worker, false);
        }
        assert_eq!(picks(&mut *policy, 9, &mut workers), [0; 9]);
    }
}
