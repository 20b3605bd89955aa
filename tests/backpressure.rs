//! What a dispatcher does with workers that do not take in what they are given.

mod support;

use evenkeel_strategies::{Deployment, Role, catalog};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::Client;
use support::processes::eventually;
use support::{launch, slot};

/// More than the channel to a worker holds: the kernel's default socket buffer takes some 280
/// messages with a descriptor.
const MANY: usize = 400;

#[test]
fn connections_go_on_with_another_worker_when_the_channel_to_one_is_full() {
    let fleet = launch_key("handoff:round-robin", 2);
    signal(&fleet, 1, Signal::SIGSTOP);
    // Strict rotation gives the stopped worker half of them, until its channel is full.
    // They come two by two, so that a message has no more than one for each worker.
    let given = |worker| slot(&fleet, worker).connections_open() as usize;
    let mut clients = Vec::new();
    while clients.len() < 2 * MANY {
        clients.extend([asking(&fleet), asking(&fleet)]);
        eventually("every connection is given to someone", || {
            given(0) + given(1) == clients.len()
        });
    }
    assert!(given(1) < MANY, "its channel was full at {}", given(1));

    signal(&fleet, 1, Signal::SIGCONT);
    let mut answered = [0, 0];
    for client in &mut clients {
        answered[client
            .read_answer()
            .expect("no connection is lost")
            .worker()] += 1;
    }
    assert_eq!(answered, [given(0), given(1)]);
}

#[test]
fn connections_wait_in_the_dispatcher_while_no_worker_acknowledges() {
    let fleet = launch_key("handoff:idle", 2);
    signal_all(&fleet, Signal::SIGSTOP);
    let mut clients: Vec<_> = (0..50).map(|_| asking(&fleet)).collect();
    let given = |worker| slot(&fleet, worker).connections_open();
    eventually("each worker has one hand-off to acknowledge", || {
        given(0) + given(1) == 2
    });

    signal_all(&fleet, Signal::SIGCONT);
    for client in &mut clients {
        assert_eq!(
            client.read_answer().expect("no connection is lost").status,
            200
        );
    }
    assert_eq!(given(0) + given(1), 50);
}

#[test]
fn what_waits_in_the_dispatcher_is_still_served_when_the_fleet_stops() {
    let fleet = launch_key("handoff:idle", 2);
    signal_all(&fleet, Signal::SIGSTOP);
    let mut clients: Vec<_> = (0..20).map(|_| asking(&fleet)).collect();
    signal_all(&fleet, Signal::SIGCONT);
    fleet.stop();
    for client in &mut clients {
        assert_eq!(
            client.read_answer().expect("no connection is lost").status,
            200
        );
    }
}

#[test]
fn a_client_moves_to_another_worker_only_while_its_own_is_gone() {
    let fleet = launch_key("handoff:sticky", 3);
    let home = asking(&fleet).read_answer().expect("an answer").worker();
    signal(&fleet, home, Signal::SIGKILL);
    eventually("the worker is struck off", || {
        asking(&fleet)
            .read_answer()
            .is_ok_and(|answer| answer.worker() != home)
    });
    let refuge = asking(&fleet).read_answer().expect("an answer").worker();
    for _ in 0..10 {
        assert_eq!(
            asking(&fleet).read_answer().expect("an answer").worker(),
            refuge
        );
    }
}

fn launch_key(key: &str, workers: usize) -> Deployment {
    let strategy = catalog::select(&[key]).expect("a key of the catalogue")[0];
    launch(strategy, workers)
}

/// A connection with a request on the way.
fn asking(fleet: &Deployment) -> Client {
    let mut client = Client::connect(fleet.address()).expect("the fleet listens");
    client.send("/").expect("the fleet has accepted, or will");
    client
}

fn signal(fleet: &Deployment, worker: usize, signal: Signal) {
    let (_, pid) = fleet
        .processes()
        .find(|(role, _)| *role == Role::Worker(worker))
        .expect("a worker");
    kill(Pid::from_raw(pid), signal).expect("it is there");
}

fn signal_all(fleet: &Deployment, sent: Signal) {
    (0..fleet.workers()).for_each(|worker| signal(fleet, worker, sent));
}
