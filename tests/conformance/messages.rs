//! Messages between master and workers, and the counter of all requests.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{
    Change, Counter, Deployment, FleetSpec, Host, MessageError, Reload, Role, Share, Strategy,
    ToMaster, ToWorker, catalog,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::WORKERS;
use crate::support::client::{Client, get};
use crate::support::processes::eventually;
use crate::support::{fleet_spec, launch_as};

/// One strategy of each mechanism.
const KEYS: [&str; 7] = [
    "shared-listener",
    "reuseport",
    "handoff:round-robin",
    "splice:round-robin",
    "proxy:round-robin",
    "nat:round-robin",
    "threads:work-stealing",
];

const REQUESTS: u64 = 20;

const CLIENTS: usize = 8;

fn counting(counter: Counter) -> FleetSpec {
    FleetSpec {
        counter,
        ..fleet_spec(WORKERS)
    }
}

fn shared_listener(spec: &FleetSpec) -> Deployment {
    launch_as(
        catalog::select(&["shared-listener"]).expect("a key")[0],
        spec,
    )
}

/// Runs a check for each of these strategies that this host supports, and each way to count.
fn for_each_counter(check: impl Fn(&dyn Strategy, &Deployment) + Sync) {
    let host = Host::probe();
    for strategy in catalog::select(&KEYS).expect("keys") {
        if strategy.check(&host).is_err() {
            continue;
        }
        for counter in [Counter::SharedMemory, Counter::Messages] {
            // A thread of its own, since it may enter the namespace of the fleet.
            thread::scope(|scope| {
                scope.spawn(|| check(strategy, &launch_as(strategy, &counting(counter))));
            });
        }
    }
}

fn total(server: SocketAddr) -> u64 {
    let answer = get(server, "/total").expect("an answer");
    let text = String::from_utf8(answer.body).expect("text");
    text.trim().parse().expect("a number")
}

fn answer(server: SocketAddr, requests: u64) {
    for _ in 0..requests {
        get(server, "/").expect("an answer");
    }
}

#[test]
fn every_worker_answers_how_many_requests_all_of_them_have_answered() {
    for_each_counter(|strategy, fleet| {
        let (key, server) = (strategy.key(), fleet.address());
        answer(server, REQUESTS);
        // Requests for the total do not count, so asking often changes nothing.
        eventually(key, || (0..WORKERS).all(|_| total(server) == REQUESTS));
    });
}

#[test]
fn the_total_neither_falls_nor_doubles_across_a_reload() {
    for_each_counter(|strategy, fleet| {
        let (key, server) = (strategy.key(), fleet.address());
        answer(server, REQUESTS);
        eventually(key, || total(server) == REQUESTS);
        let reload = Change::Reload(Reload {
            drain_within: Some(Duration::from_millis(300)),
            ..Reload::default()
        });
        let reloaded = fleet.change(&reload);
        reloaded.unwrap_or_else(|error| panic!("{key}: {error}"));
        eventually(key, || total(server) == REQUESTS);
        answer(server, REQUESTS);
        eventually(key, || total(server) == 2 * REQUESTS);
    });
}

#[test]
fn without_a_counter_a_fleet_has_no_total() {
    let fleet = shared_listener(&counting(Counter::None));
    let answer = get(fleet.address(), "/total").expect("an answer");
    assert_eq!(answer.status, 404);
    assert_eq!(fleet.receive(Duration::ZERO), Ok(None));
}

#[test]
fn the_master_receives_what_workers_send_with_their_names() {
    let fleet = shared_listener(&counting(Counter::Messages));
    let worker = get(fleet.address(), "/").expect("an answer").worker();
    let received = fleet.receive(Duration::from_secs(20)).expect("our workers");
    let received = received.expect("a message");
    assert_eq!((received.from.place, received.from.generation), (worker, 0));
    assert_eq!(received.message, ToMaster::Answered(1));
}

/// Clients of a fleet with one worker, each with a kept connection.
fn kept_clients(fleet: &Deployment) -> Vec<Client> {
    let clients = (0..CLIENTS).map(|_| {
        let mut client = Client::connect(fleet.address()).expect("it listens");
        client.get("/").expect("an answer");
        client
    });
    clients.collect()
}

/// Sends one more request on each connection, and returns how many answers say that they are the last.
fn last_answers(clients: Vec<Client>) -> usize {
    let answers = clients
        .into_iter()
        .map(|mut client| client.get("/").expect("an answer"));
    let last = answers.filter(|answer| answer.field("connection") == Some("close"));
    last.count()
}

#[test]
fn a_worker_ends_a_share_of_its_connections_with_their_next_answers() {
    let fleet = shared_listener(&fleet_spec(1));
    let clients = kept_clients(&fleet);
    let half = Share::new(0.5).expect("a share");
    fleet
        .send(0, &ToWorker::CloseShare(half))
        .expect("it serves");
    let received = fleet.receive(Duration::from_secs(20)).expect("our workers");
    let connections = CLIENTS / 2;
    assert_eq!(
        received.map(|it| it.message),
        Some(ToMaster::Closing { connections })
    );
    assert_eq!(last_answers(clients), connections);
}

#[test]
fn a_scale_out_can_let_old_workers_end_a_share_of_their_connections() {
    let mut spec = fleet_spec(1);
    spec.places = NonZeroUsize::new(2).expect("two");
    let fleet = shared_listener(&spec);
    let clients = kept_clients(&fleet);
    let scale = Change::Scale {
        workers: spec.places,
        close: Share::new(0.25),
    };
    fleet.change(&scale).expect("room for another one");
    let received = fleet.receive(Duration::from_secs(20)).expect("our workers");
    assert_eq!(received.map(|it| it.from.place), Some(0));
    let events = fleet.events().into_iter();
    let closing: Vec<_> = events
        .filter(|it| it.what.name() == "closing")
        .map(|it| (it.role, it.what.detail()))
        .collect();
    let detail = format!("25% of its {CLIENTS} connections");
    assert_eq!(closing, [(Role::Worker(0), Some(detail))]);
    assert_eq!(last_answers(clients), CLIENTS / 4);
}

#[test]
fn a_message_to_a_worker_that_is_gone_is_refused_and_the_others_get_theirs() {
    let fleet = shared_listener(&counting(Counter::Messages));
    fleet.send(1, &ToWorker::Total(1)).expect("it serves");
    let mut processes = fleet.processes();
    let killed = processes.find(|(role, _)| *role == Role::Worker(1));
    let (_, pid) = killed.expect("worker 1");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
    let gone = Err(MessageError::Gone { worker: 1 });
    eventually("worker 1 is gone", || {
        fleet.send(1, &ToWorker::Total(2)) == gone
    });
    assert_eq!(fleet.broadcast(&ToWorker::Total(4711)).err(), None);
    eventually("the others know", || total(fleet.address()) == 4711);
    let error = fleet
        .send(WORKERS, &ToWorker::Total(0))
        .expect_err("no such worker");
    assert!(error.to_string().contains("no worker 3"), "{error}");
}
