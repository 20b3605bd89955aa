//! What a dispatcher does when workers do not accept the connections that it sends.

mod support;

use evenkeel_strategies::{Deployment, Role, catalog};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::Client;
use support::processes::eventually;
use support::{launch, slot};

/// More than fit into the channel to a worker: the kernel's default socket buffer holds about 280
/// messages with a descriptor.
const MANY: usize = 400;

#[test]
fn when_the_channel_to_one_worker_is_full_connections_go_to_another() {
    let fleet = launch_key("handoff:round-robin", 2);
    signal(&fleet, 1, Signal::SIGSTOP);
    // Strict rotation gives the stopped worker half of them, until its channel is full.
    // Two arrive at a time, so that each worker gets one message per connection.
    let given = |worker| slot(&fleet, worker).connections_open() as usize;
    let mut clients = Vec::new();
    while clients.len() < 2 * MANY {
        clients.extend([send_request(&fleet), send_request(&fleet)]);
        eventually("every connection has a worker", || {
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
    let mut clients: Vec<_> = (0..50).map(|_| send_request(&fleet)).collect();
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
fn connections_that_wait_in_the_dispatcher_are_still_served_when_the_fleet_stops() {
    let fleet = launch_key("handoff:idle", 2);
    signal_all(&fleet, Signal::SIGSTOP);
    let mut clients: Vec<_> = (0..20).map(|_| send_request(&fleet)).collect();
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
    let home = send_request(&fleet)
        .read_answer()
        .expect("an answer")
        .worker();
    signal(&fleet, home, Signal::SIGKILL);
    eventually("the worker is struck off", || {
        send_request(&fleet)
            .read_answer()
            .is_ok_and(|answer| answer.worker() != home)
    });
    let refuge = send_request(&fleet)
        .read_answer()
        .expect("an answer")
        .worker();
    for _ in 0..10 {
        assert_eq!(
            send_request(&fleet)
                .read_answer()
                .expect("an answer")
                .worker(),
            refuge
        );
    }
}

fn launch_key(key: &str, workers: usize) -> Deployment {
    let strategy = catalog::select(&[key]).expect("a key of the catalogue")[0];
    launch(strategy, workers)
}

/// Connects and sends a request.
fn send_request(fleet: &Deployment) -> Client {
    let mut client = Client::connect(fleet.address()).expect("the fleet listens");
    client.send("/").expect("the fleet accepts it now or later");
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
