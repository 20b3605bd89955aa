//! One queue before all workers: what waits in it, and who gets the first of it.

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::time::Duration;

use evenkeel_strategies::{Deployment, Role, Strategy, catalog};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::{Client, get};
use support::processes::eventually;
use support::{order, slot};

const KEYS: [&str; 2] = ["handoff:late-binding", "proxy:late-binding"];

#[test]
fn what_waits_goes_to_the_first_free_worker_in_the_order_of_arrival() {
    for key in KEYS {
        let fleet = launch(key, 1, 1);
        let clients: Vec<_> = (0..8).map(|_| asking(&fleet)).collect();
        loop {
            // Looked at from the last to the first: whoever arrived before one that has been
            // answered must have been answered when it is looked at later.
            let answered: Vec<bool> = clients.iter().rev().map(is_answered).collect();
            assert!(answered.is_sorted(), "{key}: {answered:?}");
            if answered[0] {
                break;
            }
        }
    }
}

/// A client whose request is in line before this returns.
fn asking(fleet: &Deployment) -> TcpStream {
    let mut client = TcpStream::connect(fleet.address()).expect("the fleet listens");
    let request = b"GET /sleep/20000 HTTP/1.1\r\nhost: evenkeel.test\r\n\r\n";
    client.write_all(request).expect("it takes in requests");
    client.set_nonblocking(true).expect("a socket can");
    // The kernel keeps connections in line; a proxy reads several requests in the order in
    // which it finds them, and tells nobody when it has, so it gets time for each.
    std::thread::sleep(Duration::from_millis(5));
    client
}

fn is_answered(client: &TcpStream) -> bool {
    client.peek(&mut [0]).is_ok_and(|bytes| bytes > 0)
}

#[test]
fn a_worker_has_as_much_in_flight_as_it_may_and_no_more() {
    for key in KEYS {
        for limit in [1, 3] {
            let fleet = launch(key, 2, limit);
            let asking = || get(fleet.address(), "/sleep/30000").expect(key);
            let mut most = [0; 2];
            std::thread::scope(|scope| {
                let clients: Vec<_> = (0..20).map(|_| scope.spawn(asking)).collect();
                while !clients.iter().all(|client| client.is_finished()) {
                    for (worker, most) in most.iter_mut().enumerate() {
                        *most = in_flight(&fleet, worker).max(*most);
                    }
                }
            });
            assert_eq!(most, [u64::from(limit); 2], "{key}");
        }
    }
}

#[test]
fn nobody_waits_behind_a_blocked_worker() {
    for key in KEYS {
        let fleet = launch(key, 2, 1);
        let mut slow = Client::connect(fleet.address()).expect(key);
        slow.send("/block/500000").expect(key);
        let blocked = || (0..2).find(|worker| in_flight(&fleet, *worker) == 1);
        eventually("a worker is blocked", || blocked().is_some());
        let blocked = blocked().expect("it was just seen");
        for _ in 0..20 {
            let answer = get(fleet.address(), "/").expect(key);
            assert_ne!(answer.worker(), blocked, "{key}");
        }
        assert_eq!(slow.read_answer().expect(key).worker(), blocked, "{key}");
    }
}

#[test]
fn a_stopped_worker_is_given_one_connection_and_then_no_more() {
    let fleet = launch("handoff:late-binding", 2, 1);
    signal(&fleet, Role::Worker(1), Signal::SIGSTOP);
    let mut clients: Vec<_> = (0..20)
        .map(|_| {
            let mut client = Client::connect(fleet.address()).expect("it listens");
            client.send("/").expect("it takes in requests");
            client
        })
        .collect();
    let given = |worker| slot(&fleet, worker).connections_open();
    eventually("the other one answers all others", || {
        (given(0), given(1)) == (19, 1)
    });
    signal(&fleet, Role::Worker(1), Signal::SIGCONT);
    for client in &mut clients {
        assert_eq!(client.read_answer().expect("none is lost").status, 200);
    }
}

#[test]
fn connections_that_say_nothing_hold_no_worker() {
    for key in KEYS {
        let fleet = launch(key, 2, 1);
        let silent = || Client::connect(fleet.address()).expect(key);
        let mut early: Vec<_> = (0..6).map(|_| silent()).collect();
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        for client in &mut early {
            assert_eq!(client.get("/").expect(key).status, 200, "{key}");
        }
        // They have been answered and are silent again.
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        assert_eq!(early[0].get("/").expect(key).status, 200, "{key}");
    }
}

#[test]
fn a_dispatcher_sleeps_while_nothing_changes() {
    let fleet = launch("handoff:late-binding", 1, 1);
    signal(&fleet, Role::Worker(0), Signal::SIGSTOP);
    let clients: Vec<_> = (0..5)
        .map(|_| {
            let mut client = Client::connect(fleet.address()).expect("it listens");
            client.send("/").expect("it takes in requests");
            client
        })
        .collect();
    let dispatcher = process(&fleet, Role::Dispatcher(0));
    let pause = Duration::from_millis(100);
    eventually("it has gone to sleep for good", || {
        let before = wakeups(dispatcher);
        std::thread::sleep(pause);
        wakeups(dispatcher) == before
    });
    signal(&fleet, Role::Worker(0), Signal::SIGCONT);
    for mut client in clients {
        assert_eq!(client.read_answer().expect("none is lost").status, 200);
    }
}

fn launch(key: &str, workers: usize, limit: u32) -> Deployment {
    let strategy: &dyn Strategy = catalog::select(&[key]).expect("a key of the catalogue")[0];
    let mut order = order(workers);
    order.policy.max_in_flight = NonZeroU32::new(limit).expect("not zero");
    strategy.launch(&order).expect(key)
}

/// Looked at again while a request ends meanwhile: the figure is made of two counters.
fn in_flight(fleet: &Deployment, worker: usize) -> u64 {
    let slot = slot(fleet, worker);
    loop {
        let (served, in_flight) = (slot.requests_served(), slot.requests_in_flight());
        if slot.requests_served() == served {
            return in_flight;
        }
    }
}

fn process(fleet: &Deployment, role: Role) -> i32 {
    let mut processes = fleet.processes();
    let found = processes.find(|(its, _)| *its == role);
    found.expect("a process of the fleet").1
}

fn signal(fleet: &Deployment, role: Role, signal: Signal) {
    kill(Pid::from_raw(process(fleet, role)), signal).expect("it is there");
}

/// How often a process has gone to sleep so far.
fn wakeups(pid: i32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it is there");
    let line = status.lines().find(|line| line.starts_with("voluntary"));
    line.expect("Linux counts").to_owned()
}
