//! Dispatchers under load while workers and dispatchers come and go: every request is answered exactly once.

mod dispatchers;
#[path = "../support/mod.rs"]
mod support;
mod workers;

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{
    Change, Deployment, FleetSpec, Host, Order, Overlap, Reload, Slot, Strategy, catalog,
};
use support::client::{Client, get};
use support::{SKIPPED, fleet_spec};

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

fn strategy(key: &str) -> &'static dyn Strategy {
    let selected = catalog::select(&[key.to_owned()]).expect("a key");
    selected[0]
}

fn for_each_key(check: impl Fn(&dyn Strategy)) {
    for_each_of(&KEYS, check);
}

fn for_each_of(keys: &[&str], check: impl Fn(&dyn Strategy)) {
    let host = Host::probe();
    for strategy in keys.iter().map(|key| strategy(key)) {
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
