//! Stall detection and rescue: a worker that does not turn its event loop gets nothing more until it does, and the
//! connections that it has not taken in go to others.

use std::time::Duration;

use evenkeel_strategies::{
    Defences, Deployment, FleetEventKind, FleetSpec, Host, Role, Slot, Stall, Strategy, catalog,
};
use nix::sys::signal::Signal;

use crate::support::client::{Client, get};
use crate::support::processes::eventually;
use crate::support::{SKIPPED, fleet_spec, for_each_at_once, launch_as, slot};
use crate::{NEVER, signal};

/// Strategies whose workers each have connections of their own to take in. Those of `handoff` differ in what the
/// dispatcher knows of workers.
const KEYS: [&str; 12] = [
    "handoff:round-robin",
    "handoff:idle",
    "handoff:late-binding",
    "handoff:least-connections",
    "reuseport",
    "reuseport:least",
    "reuseport:inherited",
    "reuseport:migrated",
    "splice:round-robin",
    "splice-sockmap:round-robin",
    "nat:round-robin",
    "proxy:round-robin",
];

/// Those whose ill worker still gets a share of the new connections, which others then serve: only the kernel could
/// take its listener out of the group, and does not.
const KEEP_A_SHARE: [&str; 2] = ["reuseport", "reuseport:inherited"];

const WORKERS: usize = 3;

/// The worker that falls ill.
const ILL: usize = 1;

/// Enough clients that a hash gives the ill worker some of them: it gets none with a probability of 1 in 100 million.
const CLIENTS: usize = 48;

fn spec(after: Duration) -> FleetSpec {
    FleetSpec {
        defences: Defences {
            stall: Some(Stall {
                after,
                rescue: true,
            }),
            ..Defences::default()
        },
        ..fleet_spec(WORKERS)
    }
}

/// Short, so that the tests are. That a worker without a CPU counts as stalled for a while does no harm.
const SOON: Duration = Duration::from_millis(100);

fn for_each_of(keys: &[&str], check: impl Fn(&dyn Strategy) + Sync) {
    let host = Host::probe();
    for_each_at_once(keys, |key| {
        let strategy = catalog::select(&[*key]).expect("a key")[0];
        match strategy.check(&host) {
            Ok(()) => check(strategy),
            Err(unmet) => eprintln!("{SKIPPED}{key}: {unmet}"),
        }
    });
}

/// Opens a connection for each of several requests, and sends them.
fn send_requests(fleet: &Deployment, key: &str) -> Vec<Client> {
    let clients = (0..CLIENTS).map(|_| {
        let mut client = Client::connect(fleet.address()).expect(key);
        client.send("/").expect(key);
        client
    });
    clients.collect()
}

/// Asserts that a worker other than the ill one answers each request.
fn assert_answered_by_others(clients: Vec<Client>, key: &str) {
    for mut client in clients {
        let answer = client.read_answer().expect(key);
        assert_eq!(answer.status, 200, "{key}");
        assert_ne!(answer.worker(), ILL, "{key}");
    }
}

/// Returns how many connections were rescued from the ill worker, by the events of the fleet.
fn rescued(fleet: &Deployment) -> u64 {
    let of_ill = |role| role == Role::Worker(ILL);
    let events = fleet.events().into_iter();
    let counts = events
        .filter(|event| of_ill(event.role))
        .map(|event| match event.what {
            FleetEventKind::Rescued { connections } => connections,
            _ => 0,
        });
    counts.sum()
}

fn is_noted(fleet: &Deployment, what: &FleetEventKind) -> bool {
    let mut events = fleet.events().into_iter();
    events.any(|event| event.role == Role::Worker(ILL) && event.what == *what)
}

#[test]
fn what_a_stopped_worker_has_not_taken_in_is_answered_by_others_and_it_comes_back() {
    for_each_of(&KEYS, |strategy| {
        let key = strategy.key();
        let fleet = launch_as(strategy, &spec(SOON));
        signal(&fleet, ILL, Signal::SIGSTOP);
        assert_answered_by_others(send_requests(&fleet, key), key);
        assert!(is_noted(&fleet, &FleetEventKind::Stalled), "{key}");
        assert!(rescued(&fleet) > 0, "{key}");
        assert_eq!(
            rescued(&fleet),
            slot(&fleet, ILL).connections_rescued(),
            "{key}"
        );
        let before = rescued(&fleet);
        assert_answered_by_others(send_requests(&fleet, key), key);
        if !KEEP_A_SHARE.contains(&key) {
            assert_eq!(rescued(&fleet), before, "{key}: it gets nothing new");
        }
        signal(&fleet, ILL, Signal::SIGCONT);
        eventually(&format!("{key}: it comes back"), || {
            is_noted(&fleet, &FleetEventKind::Recovered)
        });
        eventually(&format!("{key}: it is given connections again"), || {
            get(fleet.address(), "/").expect(key).worker() == ILL
        });
    });
}

#[test]
fn what_a_killed_worker_has_not_taken_in_is_answered_by_others() {
    for_each_of(&["handoff:round-robin", "reuseport"], |strategy| {
        let key = strategy.key();
        let fleet = launch_as(strategy, &spec(NEVER));
        signal(&fleet, ILL, Signal::SIGSTOP);
        let clients = send_requests(&fleet, key);
        eventually(
            &format!("{key}: each connection is given to a worker"),
            || {
                let others = [0, 2].map(|worker| slot(&fleet, worker).requests_served());
                let given = slot(&fleet, ILL).connections_open();
                // In the queue of a listener a connection is before its client can send.
                key == "reuseport" || others.iter().sum::<u64>() + given == CLIENTS as u64
            },
        );
        signal(&fleet, ILL, Signal::SIGKILL);
        assert_answered_by_others(clients, key);
        assert!(rescued(&fleet) > 0, "{key}");
    });
}

#[test]
fn what_an_occupied_thread_has_not_taken_in_is_answered_by_other_threads() {
    for_each_of(&["threads:per-core"], |strategy| {
        let key = strategy.key();
        let fleet = launch_as(strategy, &spec(SOON));
        let mut long = Client::connect(fleet.address()).expect(key);
        // Occupied for two seconds: twenty times the threshold.
        long.send("/block/2000000").expect(key);
        let started = |worker: &usize| slot(&fleet, *worker).requests_in_flight() > 0;
        let mut occupied = None;
        eventually("a thread is occupied", || {
            occupied = (0..WORKERS).find(started);
            occupied.is_some()
        });
        let occupied = occupied.expect("it was found");
        for mut client in send_requests(&fleet, key) {
            assert_ne!(client.read_answer().expect(key).worker(), occupied, "{key}");
        }
        assert!(
            Slot::connections_rescued(slot(&fleet, occupied)) > 0,
            "{key}"
        );
        assert_eq!(long.read_answer().expect(key).worker(), occupied, "{key}");
    });
}
