//! Policies from outside: what they pick, given arrivals and loads.

use std::net::{IpAddr, Ipv4Addr};

use evenkeel_strategies::catalog;
use evenkeel_strategies::policy::{Arrival, Kind, Pick, Policy, WorkerLoad};
use proptest::prelude::*;

fn kind(name: &str) -> &'static Kind {
    let policies = catalog::policies();
    policies
        .into_iter()
        .find(|kind| kind.name == name)
        .expect("a policy of the catalogue")
}

fn policy(name: &str) -> Box<dyn Policy> {
    (kind(name).make)(1)
}

fn client(number: u32) -> Arrival {
    let client = IpAddr::V4(Ipv4Addr::from_bits(0x7f00_0000 + number));
    Arrival { client }
}

fn available(workers: usize) -> Vec<WorkerLoad> {
    let load = WorkerLoad {
        available: true,
        ..WorkerLoad::default()
    };
    vec![load; workers]
}

fn picks(policy: &mut dyn Policy, arrivals: u32, workers: &[WorkerLoad]) -> Vec<usize> {
    let worker = |pick| match pick {
        Pick::Worker(worker) => worker,
        Pick::Wait => panic!("workers are available"),
    };
    (0..arrivals)
        .map(|number| worker(policy.pick(&client(number), workers)))
        .collect()
}

fn counts(picks: &[usize], workers: usize) -> Vec<usize> {
    (0..workers)
        .map(|worker| picks.iter().filter(|pick| **pick == worker).count())
        .collect()
}

#[test]
fn round_robin_takes_workers_in_strict_rotation() {
    let order = picks(&mut *policy("round-robin"), 7, &available(3));
    assert_eq!(order, [0, 1, 2, 0, 1, 2, 0]);
}

#[test]
fn round_robin_passes_over_a_worker_that_is_not_available() {
    let mut workers = available(4);
    workers[2].available = false;
    assert_eq!(
        picks(&mut *policy("round-robin"), 6, &workers),
        [0, 1, 3, 0, 1, 3]
    );
}

#[test]
fn idle_prefers_the_worker_that_acknowledged_longest_ago() {
    let mut workers = available(3);
    for (worker, at) in [(0, 30), (1, 10), (2, 20)] {
        workers[worker].acknowledged_at = at;
    }
    assert_eq!(policy("idle").pick(&client(1), &workers), Pick::Worker(1));
}

#[test]
fn idle_waits_while_every_worker_has_a_hand_off_to_acknowledge() {
    let mut workers = available(2);
    workers.iter_mut().for_each(|load| load.unacknowledged = 1);
    assert_eq!(policy("idle").pick(&client(1), &workers), Pick::Wait);
    workers[1].unacknowledged = 0;
    assert_eq!(policy("idle").pick(&client(1), &workers), Pick::Worker(1));
}

#[test]
fn only_idle_asks_for_acknowledgements() {
    for kind in catalog::policies() {
        assert_eq!(kind.acknowledged, kind.name == "idle", "{}", kind.name);
    }
}

#[test]
fn random_gives_every_worker_its_share() {
    // 8,000 draws over 8 workers: the count of one worker has a standard deviation of 30.
    let drawn = counts(&picks(&mut *policy("random"), 8000, &available(8)), 8);
    assert!(
        drawn.iter().all(|count| count.abs_diff(1000) < 180),
        "{drawn:?}"
    );
}

#[test]
fn random_draws_the_same_from_the_same_seed_and_not_from_another() {
    let draw = |seed| picks(&mut *(kind("random").make)(seed), 50, &available(8));
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

#[test]
fn sticky_gives_a_client_the_same_worker_every_time() {
    let workers = available(5);
    let mut policy = policy("sticky");
    assert_eq!(
        picks(&mut *policy, 200, &workers),
        picks(&mut *policy, 200, &workers)
    );
}

#[test]
fn sticky_spreads_clients_over_all_workers() {
    // 8,000 clients over 8 workers: as for random draws.
    let clients = counts(&picks(&mut *policy("sticky"), 8000, &available(8)), 8);
    assert!(
        clients.iter().all(|count| count.abs_diff(1000) < 180),
        "{clients:?}"
    );
}

#[test]
fn sticky_knows_an_ipv4_client_of_a_dual_stack_listener_again() {
    let plain = client(77);
    let IpAddr::V4(address) = plain.client else {
        unreachable!("made as IPv4")
    };
    let mapped = Arrival {
        client: IpAddr::V6(address.to_ipv6_mapped()),
    };
    let workers = available(16);
    let mut policy = policy("sticky");
    assert_eq!(
        policy.pick(&plain, &workers),
        policy.pick(&mapped, &workers)
    );
}

proptest! {
    #[test]
    fn no_policy_picks_a_worker_that_is_not_available(
        loads in prop::collection::vec(any_load(), 1..20),
        clients in prop::collection::vec(any::<u32>(), 1..20),
        seed in any::<u64>(),
    ) {
        for kind in catalog::policies() {
            let mut policy = (kind.make)(seed);
            for number in &clients {
                let client = IpAddr::V4(Ipv4Addr::from_bits(*number));
                match policy.pick(&Arrival { client }, &loads) {
                    Pick::Worker(worker) => prop_assert!(loads[worker].available, "{}", kind.name),
                    Pick::Wait if kind.acknowledged => {
                        prop_assert!(loads.iter().all(|load| !load.available || load.unacknowledged > 0));
                    }
                    Pick::Wait => prop_assert!(loads.iter().all(|load| !load.available), "{}", kind.name),
                }
            }
        }
    }

    #[test]
    fn round_robin_is_never_more_than_one_ahead(workers in 1..30_usize, arrivals in 1..500_u32) {
        let order = picks(&mut *policy("round-robin"), arrivals, &available(workers));
        let counts = counts(&order, workers);
        let spread = counts.iter().max().zip(counts.iter().min()).map(|(most, least)| most - least);
        prop_assert!(spread <= Some(1));
    }

    #[test]
    fn the_loss_of_a_worker_moves_only_its_own_sticky_clients(workers in 2..20_usize, lost in any::<prop::sample::Index>()) {
        let lost = lost.index(workers);
        let mut policy = policy("sticky");
        let before = picks(&mut *policy, 300, &available(workers));
        let mut loads = available(workers);
        loads[lost].available = false;
        let after = picks(&mut *policy, 300, &loads);
        for (before, after) in before.into_iter().zip(after) {
            prop_assert!(before == after || before == lost);
            prop_assert_ne!(after, lost);
        }
    }
}

fn any_load() -> impl Strategy<Value = WorkerLoad> {
    (any::<bool>(), 0..9_u32, 0..9_u32, 0..3_u32, any::<u64>()).prop_map(
        |(available, connections_open, requests_in_flight, unacknowledged, acknowledged_at)| {
            WorkerLoad {
                available,
                connections_open,
                requests_in_flight,
                unacknowledged,
                acknowledged_at,
            }
        },
    )
}
