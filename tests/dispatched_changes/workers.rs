//! Workers come and go.

use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;

use evenkeel_strategies::{Change, Deployment, Order, Overlap, Respawn, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::client::{Client, get};
use crate::support::launch_as;
use crate::support::processes::{eventually, is_alive};
use crate::{
    PLACES, change, for_each_key, for_each_of, reload, scale, served, spec, strategy, under_load,
};

#[test]
fn no_request_is_lost_or_served_twice_while_workers_come_and_go() {
    for_each_key(|strategy| {
        let fleet = launch_as(strategy, &spec(2));
        let key = strategy.key();
        let answered = under_load(&fleet, || {
            for (order, overlap) in [
                (Order::OneAtATime, Overlap::StartThenDrain),
                (Order::AllAtOnce, Overlap::StartThenDrain),
                (Order::OneAtATime, Overlap::DrainThenStart),
            ] {
                change(&fleet, key, &reload(order, overlap));
            }
            change(&fleet, key, &scale(PLACES));
            change(&fleet, key, &Change::Restart { worker: PLACES - 1 });
            change(&fleet, key, &scale(1));
            change(&fleet, key, &scale(2));
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        fleet.stop();
    });
}

#[test]
fn what_arrives_while_no_worker_is_there_waits_for_the_next_one() {
    for_each_key(|strategy| {
        let fleet = launch_as(strategy, &spec(1));
        let key = strategy.key();
        let answered = under_load(&fleet, || {
            for _ in 0..2 {
                change(
                    &fleet,
                    key,
                    &reload(Order::AllAtOnce, Overlap::DrainThenStart),
                );
            }
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        fleet.stop();
    });
}

#[test]
fn after_a_crash_what_arrives_waits_for_the_worker_that_is_started_again() {
    for_each_key(|strategy| {
        let key = strategy.key();
        let mut spec = spec(1);
        spec.respawn = Some(Respawn::default());
        let fleet = launch_as(strategy, &spec);
        for _ in 0..2 {
            assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
            kill_worker(&fleet);
            assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        }
        fleet.stop();
    });
}

#[test]
fn no_client_waits_when_no_worker_is_left_until_a_reload_brings_one() {
    let keys = [
        "handoff:round-robin",
        "handoff:late-binding",
        "splice:round-robin",
        "proxy:round-robin",
    ];
    for_each_of(&keys, |strategy| {
        let key = strategy.key();
        let fleet = launch_as(strategy, &spec(1));
        kill_worker(&fleet);
        assert!(turns_away(&fleet), "{key}");
        let replacement = Change::ReplaceDispatcher {
            dispatcher: None,
            drain_within: None,
        };
        change(&fleet, key, &replacement);
        assert!(turns_away(&fleet), "{key}: the successor");
        let reload = reload(Order::OneAtATime, Overlap::StartThenDrain);
        change(&fleet, key, &reload);
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        fleet.stop();
    });
}

/// Whether a client is answered with 502, or its connection ends, before it loses its patience.
fn turns_away(fleet: &Deployment) -> bool {
    match get(fleet.address(), "/") {
        Ok(answer) => answer.status == 502,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Kills the only worker, and waits until its sockets are closed.
fn kill_worker(fleet: &Deployment) {
    let mut processes = fleet.processes();
    let worker = processes.find(|(role, _)| *role == Role::Worker(0));
    let (_, pid) = worker.expect("it is there");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
    eventually("the worker is gone", || !is_alive(pid));
}

#[test]
fn several_dispatchers_learn_of_every_change() {
    for key in ["handoff:idle", "splice:round-robin", "proxy:late-binding"] {
        let strategy = strategy(key);
        let mut spec = spec(2);
        spec.dispatchers = NonZeroUsize::new(2).expect("two");
        let fleet = launch_as(strategy, &spec);
        let answered = under_load(&fleet, || {
            change(
                &fleet,
                key,
                &reload(Order::OneAtATime, Overlap::StartThenDrain),
            );
            change(&fleet, key, &scale(PLACES));
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        fleet.stop();
    }
}

#[test]
fn clients_with_affinity_stay_with_the_place_of_their_worker() {
    for key in ["handoff:sticky", "splice:maglev", "proxy:sticky"] {
        let fleet = launch_as(strategy(key), &spec(3));
        let clients: Vec<_> = (1..20).map(|number| format!("127.0.0.{number}")).collect();
        let workers = || -> Vec<usize> {
            let ask = |client: &String| {
                let client = client.parse().expect("an address");
                let answer = Client::connect_from(client, fleet.address())?.get("/")?;
                io::Result::Ok(answer.worker())
            };
            clients.iter().map(|it| ask(it).expect(key)).collect()
        };
        let before = workers();
        change(
            &fleet,
            key,
            &reload(Order::OneAtATime, Overlap::StartThenDrain),
        );
        assert_eq!(workers(), before, "{key}");
        fleet.stop();
    }
}
