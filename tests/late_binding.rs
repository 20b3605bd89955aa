//! One queue before all workers: what waits in it, and which worker gets the next entry.

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
use support::{fleet_spec, slot};

const KEYS: [&str; 2] = ["handoff:late-binding", "proxy:late-binding"];

#[test]
fn the_first_free_worker_gets_what_waited_longest() {
    for key in KEYS {
        let fleet = launch(key, 1, 1);
        let clients: Vec<_> = (0..8).map(|_| send_request(&fleet)).collect();
        loop {
            // Checked from the last to the first: if a client has its answer, every client that
            // arrived earlier must have one when it is checked later.
            let answered: Vec<bool> = clients.iter().rev().map(is_answered).collect();
            assert!(answered.is_sorted(), "{key}: {answered:?}");
            if answered[0] {
                break;
            }
        }
    }
}

/// Sends a request, and returns when it is in the queue.
fn send_request(fleet: &Deployment) -> TcpStream {
    let mut client = TcpStream::connect(fleet.address()).expect("the fleet listens");
    let request = b"GET /sleep/20000 HTTP/1.1\r\nhost: evenkeel.test\r\n\r\n";
    client.write_all(request).expect("it reads requests");
    client.set_nonblocking(true).expect("a socket");
    // The kernel keeps connections in order. A proxy reads requests in the order in which it finds
    // them and does not report when it has read one, so each request gets some time.
    std::thread::sleep(Duration::from_millis(5));
    client
}

fn is_answered(client: &TcpStream) -> bool {
    client.peek(&mut [0]).is_ok_and(|bytes| bytes > 0)
}

#[test]
fn a_worker_has_as_many_requests_in_flight_as_the_limit_allows() {
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
fn no_request_waits_for_a_blocked_worker() {
    for key in KEYS {
        let fleet = launch(key, 2, 1);
        let mut slow = Client::connect(fleet.address()).expect(key);
        slow.send("/block/500000").expect(key);
        let blocked = || (0..2).find(|worker| in_flight(&fleet, *worker) == 1);
        eventually("a worker is blocked", || blocked().is_some());
        let blocked = blocked().expect("one was blocked a moment ago");
        for _ in 0..20 {
            let answer = get(fleet.address(), "/").expect(key);
            assert_ne!(answer.worker(), blocked, "{key}");
        }
        assert_eq!(slow.read_answer().expect(key).worker(), blocked, "{key}");
    }
}

#[test]
fn a_stopped_worker_gets_one_connection_and_no_more() {
    let fleet = launch("handoff:late-binding", 2, 1);
    signal(&fleet, Role::Worker(1), Signal::SIGSTOP);
    let mut clients: Vec<_> = (0..20)
        .map(|_| {
            let mut client = Client::connect(fleet.address()).expect("it listens");
            client.send("/").expect("it reads requests");
            client
        })
        .collect();
    let given = |worker| slot(&fleet, worker).connections_open();
    eventually("the other worker answers all others", || {
        (given(0), given(1)) == (19, 1)
    });
    signal(&fleet, Role::Worker(1), Signal::SIGCONT);
    for client in &mut clients {
        assert_eq!(client.read_answer().expect("none is lost").status, 200);
    }
}

#[test]
fn connections_without_a_request_occupy_no_worker() {
    for key in KEYS {
        let fleet = launch(key, 2, 1);
        let silent = || Client::connect(fleet.address()).expect(key);
        let mut early: Vec<_> = (0..6).map(|_| silent()).collect();
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        for client in &mut early {
            assert_eq!(client.get("/").expect(key).status, 200, "{key}");
        }
        // They have their answers and send nothing more.
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
            client.send("/").expect("it reads requests");
            client
        })
        .collect();
    let dispatcher = process(&fleet, Role::Dispatcher(0));
    let pause = Duration::from_millis(100);
    eventually("it sleeps and does not wake", || {
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
    let mut spec = fleet_spec(workers);
    spec.policy.max_in_flight = NonZeroU32::new(limit).expect("not zero");
    strategy.launch(&spec).expect(key)
}

/// Reads the two counters again if a request ended between the reads.
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

/// Returns how often a process has gone to sleep so far.
fn wakeups(pid: i32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it is there");
    let line = status.lines().find(|line| line.starts_with("voluntary"));
    line.expect("Linux counts context switches").to_owned()
}
