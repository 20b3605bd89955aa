//! Dispatchers under load while workers come and go: every request is answered exactly once.

mod support;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{
    Change, Deployment, FleetSpec, Host, Order, Overlap, Reload, Respawn, Role, Slot, Strategy,
    catalog,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::{Client, get};
use support::processes::{eventually, is_alive};
use support::{SKIPPED, fleet_spec, launch_as};

/// Strategies with a dispatcher. Those of one mechanism differ in what the dispatcher knows of workers: nothing,
/// acknowledgements, answers, counters of the fleet, latencies.
const KEYS: [&str; 14] = [
    "handoff:round-robin",
    "handoff:idle",
    "handoff:late-binding",
    "handoff:least-connections",
    "handoff:sticky",
    "splice:round-robin",
    "splice:least-connections",
    "splice:maglev",
    "splice-sockmap:round-robin",
    "proxy:round-robin",
    "proxy:idle",
    "proxy:late-binding",
    "proxy:prequal",
    "proxy:sticky-cookie",
];

/// Most workers at a time.
const PLACES: usize = 3;

/// Clients of each kind: those that open a connection for each request, and those that keep theirs.
const CLIENTS: usize = 3;

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

fn strategy(key: &str) -> &'static dyn Strategy {
    let selected = catalog::select(&[key.to_owned()]).expect("a key");
    selected[0]
}

fn for_each_key(check: impl Fn(&dyn Strategy)) {
    let host = Host::probe();
    for strategy in KEYS.map(strategy) {
        match strategy.check(&host) {
            Ok(()) => check(strategy),
            Err(unmet) => eprintln!("{SKIPPED}{}: {unmet}", strategy.key()),
        }
    }
}

/// A fleet with room for more workers, which drain for as long as a test may take.
fn spec(workers: usize) -> FleetSpec {
    FleetSpec {
        places: NonZeroUsize::new(PLACES).expect("places"),
        drain_within: Duration::from_secs(20),
        ..fleet_spec(workers)
    }
}

fn reload(order: Order, overlap: Overlap) -> Change {
    Change::Reload(Reload {
        order,
        overlap,
        drain_within: None,
    })
}

fn scale(workers: usize) -> Change {
    let workers = NonZeroUsize::new(workers).expect("a worker");
    Change::Scale {
        workers,
        close: None,
    }
}

fn change(fleet: &Deployment, key: &str, change: &Change) {
    let changed = fleet.change(change);
    changed.unwrap_or_else(|error| panic!("{key}: {change:?}: {error}"));
}

/// Returns the number of requests that all workers have served.
fn served(fleet: &Deployment) -> u64 {
    let scoreboard = fleet.scoreboard().expect("evenkeel's own workers");
    let of_place = |place| scoreboard.lives(place).map(Slot::requests_served);
    (0..scoreboard.workers()).flat_map(of_place).sum()
}

/// Sends requests while something happens. Returns how many were answered.
fn under_load(fleet: &Deployment, act: impl FnOnce()) -> io::Result<u64> {
    let (done, address) = (AtomicBool::new(false), fleet.address());
    thread::scope(|scope| {
        let clients = (0..2 * CLIENTS).map(|number| {
            let done = &done;
            scope.spawn(move || match number % 2 {
                0 => short_connections(address, done),
                _ => kept_connections(address, done),
            })
        });
        let clients: Vec<_> = clients.collect();
        // However it ends, so that the clients end, too.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(act));
        done.store(true, Ordering::Relaxed);
        let answered = clients.into_iter().map(|it| it.join().expect("it ran"));
        let answered: io::Result<Vec<u64>> = answered.collect();
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(answered?.iter().sum())
    })
}

fn short_connections(address: SocketAddr, done: &AtomicBool) -> io::Result<u64> {
    let mut answered = 0;
    while !done.load(Ordering::Relaxed) {
        assert_eq!(get(address, "/")?.status, 200);
        answered += 1;
    }
    Ok(answered)
}

/// Keeps a connection until an answer announces that it is the last one.
fn kept_connections(address: SocketAddr, done: &AtomicBool) -> io::Result<u64> {
    let mut answered = 0;
    while !done.load(Ordering::Relaxed) {
        let mut client = Client::connect(address)?;
        while !done.load(Ordering::Relaxed) {
            let answer = client.get("/")?;
            assert_eq!(answer.status, 200);
            answered += 1;
            if answer.field("connection").is_some_and(|it| it == "close") {
                break;
            }
        }
    }
    Ok(answered)
}
