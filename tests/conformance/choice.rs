//! Which worker gets which connection or request.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use evenkeel_strategies::policy::Basis;
use evenkeel_strategies::{Layer, Strategy, catalog};

use crate::support::client::{Client, get};
use crate::support::processes::eventually;
use crate::support::{for_each_strategy, launch, slot};
use crate::{WORKERS, workers_of};

/// Whether the strategy chooses a worker for each request, not only for each connection.
fn is_per_request(strategy: &dyn Strategy) -> bool {
    strategy.profile().layer == Layer::Requests
}

/// Number of connections, of 90 that come one after the other, that each worker must get; `None` if
/// the policy has no such promise.
fn least_of_90(strategy: &dyn Strategy) -> Option<usize> {
    match strategy.profile().policy?.basis {
        Basis::Load | Basis::CommonQueue => Some(10),
        // It may prefer one worker by its response times, but must not ignore another.
        Basis::Latency => Some(1),
        _ => None,
    }
}

#[test]
fn every_request_is_answered_by_a_known_worker_and_counted() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let mut seen = vec![0_u64; workers_of(strategy)];
        for _ in 0..60 {
            let answer = get(fleet.address(), "/").expect(key);
            assert_eq!(
                (answer.status, answer.body.as_slice()),
                (200, b"ok\n".as_slice())
            );
            seen[answer.worker()] += 1;
        }
        eventually("every request is counted where it was served", || {
            let counted = fleet.snapshot().workers;
            counted
                .iter()
                .map(|worker| worker.requests_served)
                .eq(seen.iter().copied().map(Some))
        });
    });
}

#[test]
fn every_worker_serves_when_many_clients_ask_at_once() {
    for_each_strategy(|strategy, key| {
        if strategy.profile().may_leave_workers_out {
            return; // This host may have fewer CPUs than workers.
        }
        let fleet = launch(strategy, WORKERS);
        let hosts = AtomicU8::new(0);
        // From many addresses, since some strategies choose by address.
        let ask = || {
            let host = hosts.fetch_add(1, Ordering::Relaxed).clamp(1, 254);
            let client = IpAddr::V4(Ipv4Addr::new(127, 0, 9, host));
            let mut connection = Client::connect_from(client, fleet.address()).expect(key);
            assert_eq!(
                connection.get("/block/2000").expect(key).status,
                200,
                "{key}"
            );
        };
        eventually(&format!("{key}: every worker has served"), || {
            std::thread::scope(|scope| {
                for _ in 0..4 * WORKERS {
                    scope.spawn(ask);
                }
            });
            let workers = fleet.snapshot().workers;
            workers
                .iter()
                .all(|worker| worker.requests_served > Some(0))
        });
    });
}

#[test]
fn requests_on_one_connection_go_to_one_worker_unless_each_is_dispatched() {
    for_each_strategy(|strategy, key| {
        if is_per_request(strategy) && strategy.profile().basis != Basis::Turns {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let mut client = Client::connect(fleet.address()).expect(key);
        let workers: BTreeSet<_> = (0..12)
            .map(|_| client.get("/").expect(key).worker())
            .collect();
        let expected = if is_per_request(strategy) { WORKERS } else { 1 };
        assert_eq!(workers.len(), expected, "{key}");
    });
}

#[test]
fn round_robin_is_exact() {
    for_each_strategy(|strategy, key| {
        if strategy.profile().basis != Basis::Turns {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let order: Vec<_> = (0..30)
            .map(|_| get(fleet.address(), "/").expect(key).worker())
            .collect();
        let rotation: Vec<_> = (0..30).map(|turn| turn % WORKERS).collect();
        assert_eq!(order, rotation, "{key}");
    });
}

#[test]
fn sticky_is_sticky_for_200_client_addresses_and_uses_all_workers() {
    for_each_strategy(|strategy, key| {
        if strategy.profile().sticky != Some("the client's address") {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let worker_of = |client: u8| {
            let client = IpAddr::V4(Ipv4Addr::new(127, 0, 7, client));
            let mut connection = Client::connect_from(client, fleet.address()).expect(key);
            connection.get("/").expect(key).worker()
        };
        let first: Vec<_> = (1..=200).map(worker_of).collect();
        let again: Vec<_> = (1..=200).map(worker_of).collect();
        assert_eq!(first, again, "{key}");
        assert_eq!(
            first.into_iter().collect::<BTreeSet<_>>().len(),
            WORKERS,
            "{key}"
        );
    });
}

#[test]
fn workers_that_are_equally_idle_all_get_connections() {
    for_each_strategy(|strategy, key| {
        let Some(least) = least_of_90(strategy) else {
            return;
        };
        let fleet = launch(strategy, WORKERS);
        let mut answers = [0; WORKERS];
        for _ in 0..90 {
            answers[get(fleet.address(), "/").expect(key).worker()] += 1;
            eventually("all workers are idle", || {
                let mut workers = (0..WORKERS).map(|worker| slot(&fleet, worker));
                workers.all(|worker| match is_per_request(strategy) {
                    true => worker.requests_in_flight() == 0,
                    false => worker.connections_open() == 0,
                })
            });
        }
        assert!(
            answers.iter().all(|count| *count >= least),
            "{key}: {answers:?}"
        );
    });
}

#[test]
fn least_connections_counts_connections_that_are_open_now() {
    let handoff = catalog::select(&["handoff:least-connections"]).expect("a key")[0];
    let fleet = launch(handoff, WORKERS);
    let connect = || {
        let mut client = Client::connect(fleet.address()).expect("it listens");
        let worker = client.get("/").expect("an answer").worker();
        (worker, client)
    };
    let mut held: Vec<_> = (0..9).map(|_| connect()).collect();
    let open = |worker| slot(&fleet, worker).connections_open();
    assert_eq!([open(0), open(1), open(2)], [3, 3, 3]);
    held.retain(|(worker, _)| *worker != 1);
    eventually("the worker has closed them", || open(1) == 0);
    let next: Vec<_> = (0..3).map(|_| connect()).collect();
    assert!(next.iter().all(|(worker, _)| *worker == 1));
}
