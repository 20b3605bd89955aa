//! Clients that keep a fleet waiting: they lose their connection, and others are served.

mod connections;
#[path = "../support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use evenkeel_strategies::{ClientLimits, Deployment, FleetSpec, Host, Strategy, catalog};
use support::client::{Client, get};
use support::processes::eventually;
use support::{SKIPPED, fleet_spec, for_each_at_once, launch_as, slot};

/// Strategies with each kind of process that accepts connections, and each way in which a worker gets them.
const KEYS: [&str; 15] = [
    "single",
    "shared-listener",
    "shared-listener:blocking",
    "shared-listener:mutex",
    "reuseport",
    "threads:work-stealing",
    "threads:per-core",
    "nat:random",
    "handoff:round-robin",
    "handoff:late-binding",
    "splice:round-robin",
    "splice-sockmap:round-robin",
    "proxy:round-robin",
    "proxy:late-binding",
    "proxy:sticky-cookie",
];

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(200);

/// A limit that no client of a test exceeds.
const LONG: Duration = Duration::from_secs(60);

/// More than the buffers of all sockets and processes on the way hold.
const HUGE: &str = "/bytes/1000000000";

#[test]
fn a_client_that_keeps_a_fleet_waiting_loses_its_connection() {
    for_each(&limits(SHORT, SHORT, SHORT), |key, fleet| {
        let at = fleet.address();
        // All of them wait at the same time.
        let mut silent = Client::connect(at).expect(key);
        let mut in_head = Client::connect_with(b"GET / HTTP/1.1\r\nho", at).expect(key);
        let mut in_body = Client::connect_with(UPLOAD, at).expect(key);
        let mut idle = Client::connect(at).expect(key);
        assert_eq!(idle.get("/").expect(key).status, 200, "{key}");

        assert_eq!(rest(&mut silent), "", "{key}: a request that never began");
        assert_eq!(rest(&mut idle), "", "{key}: between two requests");
        for late in [&mut in_head, &mut in_body] {
            let rest = rest(late);
            assert!(rest.starts_with("HTTP/1.1 408 "), "{key}: {rest}");
            assert_eq!(rest.matches("HTTP/1.1").count(), 1, "{key}: {rest}");
        }
        assert_eq!(get(at, "/").expect(key).status, 200, "{key}");
    });
}

/// A request without the end of its body.
const UPLOAD: &[u8] = b"POST / HTTP/1.1\r\nhost: evenkeel.test\r\ncontent-length: 9\r\n\r\nhalf";

#[test]
fn a_head_must_arrive_in_time_even_if_its_bytes_do() {
    for_each(&limits(SHORT, LONG, SHORT), |key, fleet| {
        let mut client = Client::connect_with(b"GET / HTTP/1.1\r\n", fleet.address()).expect(key);
        let mut socket = client.socket();
        // It sends fields as long as anyone reads them.
        while socket.write_all(b"a: b\r\n").is_ok() {
            std::thread::sleep(SHORT / 20);
        }
        let rest = rest(&mut client);
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 408 "),
            "{key}: {rest}"
        );
    });
}

#[test]
fn a_client_that_does_not_read_holds_no_worker() {
    for_each(&limits(LONG, LONG, SHORT), |key, fleet| {
        // As many as workers, so that a policy without a queue could give each worker one.
        let mut stalled: Vec<_> = (0..fleet.workers())
            .map(|_| asking(fleet.address()))
            .collect();
        eventually("all workers are free", || open_connections(fleet) == 0);
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        for client in &mut stalled {
            let mut some = [0; 9];
            let read = client.socket().read(&mut some);
            assert!(read.is_err() || some.starts_with(b"HTTP/1.1 "), "{key}");
        }
    });
}

/// Asks for more than fits into any buffer.
fn asking(server: SocketAddr) -> Client {
    let mut client = Client::connect(server).expect("the fleet listens");
    client.send(HUGE).expect("it reads requests");
    client
}

#[test]
fn a_client_that_is_slow_but_moves_is_served() {
    let limit = Duration::from_secs(2);
    for_each(&limits(LONG, LONG, limit), |key, fleet| {
        let head = b"POST / HTTP/1.1\r\nhost: evenkeel.test\r\ncontent-length: 25\r\n\r\n";
        let mut client = Client::connect_with(head, fleet.address()).expect(key);
        for _ in 0..25 {
            client.socket().write_all(b"x").expect(key);
            std::thread::sleep(limit / 20);
        }
        assert_eq!(client.read_answer().expect(key).status, 200, "{key}");
    });
}

#[test]
fn a_request_that_takes_longer_than_all_limits_is_answered() {
    for_each(&limits(SHORT, SHORT, SHORT), |key, fleet| {
        for target in ["/sleep/700000", "/block/700000"] {
            assert_eq!(
                get(fleet.address(), target).expect(key).status,
                200,
                "{key}"
            );
        }
    });
}

#[test]
fn a_client_that_does_not_read_costs_little_memory() {
    let limits = limits(LONG, LONG, LONG);
    for key in ["single", "splice:round-robin", "proxy:round-robin"] {
        let fleet = launch(key, &limits).expect("every host supports it");
        let clients: Vec<_> = (0..8).map(|_| asking(fleet.address())).collect();
        let unread = || {
            let port = fleet.address().port();
            clients.iter().map(move |client| {
                let peer = client.socket().local_addr().expect("a socket").port();
                unsent_bytes(port, peer)
            })
        };
        eventually("all have what fits", || unread().all(|bytes| bytes > 0));
        std::thread::sleep(SHORT);
        // A piece is written as a whole if any of it fits.
        let most = 2 * 64 * 1024;
        assert!(
            unread().all(|bytes| bytes <= most),
            "{key}: {:?}",
            unread().collect::<Vec<_>>()
        );
    }
}

/// Returns how many bytes the kernel has of an answer and has not sent, for a local and a remote port of a
/// connection (proc_net_tcp(5)).
fn unsent_bytes(local: u16, remote: u16) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux has it");
    let (local, remote) = (format!(":{local:04X}"), format!(":{remote:04X}"));
    let queue = table.lines().find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let ends = (columns.next()?, columns.next()?);
        let is_it = ends.0.ends_with(&local) && ends.1.ends_with(&remote);
        let (unsent, _unread) = columns.nth(1)?.split_once(':')?;
        is_it.then(|| u64::from_str_radix(unsent, 16).expect("a number"))
    });
    queue.unwrap_or(0)
}

/// Reads up to the end of the connection.
fn rest(client: &mut Client) -> String {
    let mut bytes = Vec::new();
    // A connection that is reset has ended, too.
    let _end = client.socket().read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn open_connections(fleet: &Deployment) -> u64 {
    let workers = 0..fleet.workers();
    workers
        .map(|worker| slot(fleet, worker).connections_open())
        .sum()
}

fn limits(head: Duration, idle: Duration, stall: Duration) -> FleetSpec {
    let mut spec = fleet_spec(2);
    spec.client_limits = ClientLimits { head, idle, stall };
    spec
}

/// Runs a check for a fleet of each strategy that this host supports.
fn for_each(spec: &FleetSpec, check: impl Fn(&str, &Deployment) + Sync) {
    for_each_at_once(&KEYS, |key| match launch(key, spec) {
        Ok(fleet) => check(key, &fleet),
        Err(unmet) => eprintln!("{SKIPPED}{key}: {unmet}"),
    });
}

fn launch(key: &str, spec: &FleetSpec) -> Result<Deployment, String> {
    let strategy: &dyn Strategy = catalog::select(&[key]).expect("a key of the catalogue")[0];
    strategy
        .check(&Host::probe())
        .map_err(|unmet| unmet.to_string())?;
    Ok(launch_as(strategy, spec))
}
