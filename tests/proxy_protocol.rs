//! Behind another balancer: connections begin with a PROXY header, which names their client.

mod support;

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::time::Duration;

use evenkeel_common::ProxyVersion;
use evenkeel_strategies::{Deployment, ProxyProtocol, Strategy, catalog};

use support::client::Client;
use support::{fleet_spec, for_each_strategy, launch_as};

/// Strategies that cover each kind of process that accepts connections: three dispatchers and a worker.
const ACCEPTING: [&str; 4] = [
    "handoff:round-robin",
    "splice:round-robin",
    "proxy:round-robin",
    "single",
];

const GOOD: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 80\r\n";

#[test]
fn affinity_uses_the_client_in_the_header() {
    for mechanism in ["handoff", "splice", "proxy"] {
        for policy in ["sticky", "maglev"] {
            let key = format!("{mechanism}:{policy}");
            let fleet = accepting(&key, 4);
            let mut workers = HashSet::new();
            for client in 1..=24 {
                let first = worker_of(&fleet, &line(client, 1024));
                let again = worker_of(&fleet, &block(client, 2048));
                assert_eq!(first, again, "{key}: client {client}");
                workers.insert(first);
            }
            assert!(workers.len() > 1, "{key}: all came from one address");
        }
    }
}

#[test]
fn affinity_uses_the_address_of_the_connection_if_the_header_names_no_client() {
    for key in ["handoff:sticky", "splice:sticky", "proxy:sticky"] {
        let fleet = accepting(key, 4);
        let unnamed: [&[u8]; 2] = [
            b"PROXY UNKNOWN\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", // LOCAL
        ];
        let picked: HashSet<_> = (0..8)
            .map(|turn| worker_of(&fleet, unnamed[turn % 2]))
            .collect();
        assert_eq!(picked.len(), 1, "{key}");
        // A header with the address of the connection names the same client.
        let named = format!("PROXY TCP4 127.0.0.1 {} 1 2\r\n", Ipv4Addr::LOCALHOST);
        assert!(picked.contains(&worker_of(&fleet, named.as_bytes())));
    }
}

#[test]
fn every_strategy_removes_the_header_and_refuses_connections_without_one() {
    for_each_strategy(|strategy, key| {
        let fleet = launch_as(strategy, &accepting_spec(2, PATIENCE));
        for header in [GOOD, &block(1, 1)] {
            assert_eq!(answer(&fleet, header).expect(key), 200, "{key}");
        }
        let mut bare = Client::connect_with(b"GET / HTTP/1.1\r\n\r\n", fleet.address());
        assert!(bare.as_mut().expect(key).is_refused(), "{key}");
        assert_eq!(answer(&fleet, GOOD).expect(key), 200, "{key}");
    });
}

#[test]
fn an_invalid_or_endless_header_is_refused_and_other_connections_are_served() {
    let lies: [&[u8]; 6] = [
        b"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 99999\r\n",
        // IPv6 addresses in a block that is too short for them.
        b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x0c............",
        // A block of 65,535 bytes.
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
        &[b'P'; 200],
    ];
    let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
    for key in ACCEPTING {
        let fleet = accepting(key, 1);
        for lie in lies.into_iter().chain([&endless[..]]) {
            let mut liar = Client::connect_with(lie, fleet.address()).expect(key);
            assert!(liar.is_refused(), "{key}: {lie:?}");
            assert_eq!(answer(&fleet, GOOD).expect(key), 200, "{key}");
        }
    }
}

#[test]
fn an_incomplete_header_is_refused() {
    for key in ACCEPTING {
        let fleet = accepting(key, 1);
        for header in [GOOD, &block(1, 1)] {
            for length in [0, 1, 5, 12, header.len() - 1] {
                let mut client =
                    Client::connect_with(&header[..length], fleet.address()).expect(key);
                client.socket().shutdown(Shutdown::Write).expect(key);
                assert!(client.is_refused(), "{key}: {length} bytes");
            }
        }
        assert_eq!(answer(&fleet, GOOD).expect(key), 200, "{key}");
    }
}

#[test]
fn a_slow_client_is_refused_and_delays_no_other() {
    for key in ACCEPTING {
        let fleet = launch_as(strategy(key), &accepting_spec(1, Duration::from_secs(1)));
        let slow = [&b""[..], b"PROXY TCP4 192.", b"\r\n\r\n\0"].map(|start| {
            let client = Client::connect_with(start, fleet.address());
            client.expect(key)
        });
        assert_eq!(answer(&fleet, GOOD).expect(key), 200, "{key}");
        for mut client in slow {
            assert!(client.is_refused(), "{key}");
        }
    }
}

#[test]
fn a_header_may_arrive_in_pieces_and_the_bytes_after_it_are_kept() {
    for key in ACCEPTING {
        let fleet = accepting(key, 1);
        for header in [GOOD, &block(1, 1)] {
            let mut client = Client::connect(fleet.address()).expect(key);
            for (index, byte) in header.iter().enumerate() {
                client.socket().write_all(&[*byte]).expect(key);
                if index % 8 == 0 {
                    // The server reads some pieces before the others arrive.
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            assert_eq!(client.get("/bytes/7").expect(key).body.len(), 7, "{key}");
        }
        // Two requests follow the header in the same segment.
        let request = b"GET /bytes/3 HTTP/1.1\r\nhost: x\r\n\r\n";
        let all = [GOOD, request, request].concat();
        let mut client = Client::connect_with(&all, fleet.address()).expect(key);
        for _ in 0..2 {
            assert_eq!(client.read_answer().expect(key).body.len(), 3, "{key}");
        }
    }
}

#[test]
fn a_header_is_a_bad_request_unless_the_fleet_is_configured_for_it() {
    for key in ACCEPTING {
        let fleet = launch_as(strategy(key), &fleet_spec(1));
        assert_eq!(answer(&fleet, GOOD).expect(key), 400, "{key}");
    }
}

#[test]
fn a_layer_4_proxy_sends_the_client_address_to_its_workers() {
    for_each_strategy(|strategy, key| {
        if !["splice:sticky", "splice-sockmap:sticky"].contains(&key) {
            return;
        }
        for version in [ProxyVersion::V1, ProxyVersion::V2] {
            for accept in [false, true] {
                let mut spec = fleet_spec(2);
                spec.proxy_protocol = ProxyProtocol {
                    accept,
                    send: Some(version),
                    ..ProxyProtocol::default()
                };
                // A worker without a header would close the connection; one that expects none would answer 400.
                let fleet = launch_as(strategy, &spec);
                let start = if accept { GOOD } else { b"" };
                for _ in 0..4 {
                    assert_eq!(answer(&fleet, start).expect(key), 200, "{key}");
                }
            }
        }
    });
}

#[test]
fn a_fleet_ends_while_a_client_has_not_sent_its_header() {
    for key in ACCEPTING {
        let fleet = accepting(key, 1);
        let mut silent = Client::connect(fleet.address()).expect(key);
        assert_eq!(answer(&fleet, GOOD).expect(key), 200, "{key}");
        fleet.stop();
        assert!(silent.is_refused(), "{key}");
    }
}

/// No step of these tests takes minutes, so no connection is refused for being slow.
const PATIENCE: Duration = Duration::from_secs(60);

fn accepting_spec(workers: usize, header_within: Duration) -> evenkeel_strategies::FleetSpec {
    let mut spec = fleet_spec(workers);
    spec.proxy_protocol = ProxyProtocol {
        accept: true,
        send: None,
        header_within,
    };
    spec
}

fn accepting(key: &str, workers: usize) -> Deployment {
    launch_as(strategy(key), &accepting_spec(workers, PATIENCE))
}

fn strategy(key: &str) -> &'static dyn Strategy {
    catalog::select(&[key]).expect("a key of the catalogue")[0]
}

/// Returns a version 1 header for one of many clients.
fn line(client: u8, port: u16) -> Vec<u8> {
    format!("PROXY TCP4 192.0.2.{client} 192.0.2.254 {port} 80\r\n").into_bytes()
}

/// Returns the same header in version 2.
fn block(client: u8, port: u16) -> Vec<u8> {
    let mut block = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    block.extend([192, 0, 2, client, 192, 0, 2, 254]);
    block.extend([port.to_be_bytes(), 80_u16.to_be_bytes()].concat());
    block
}

/// Returns the status of the answer to a request on a connection with this header.
fn answer(fleet: &Deployment, header: &[u8]) -> io::Result<u16> {
    Ok(ask(fleet.address(), header)?.get("/")?.status)
}

fn worker_of(fleet: &Deployment, header: &[u8]) -> usize {
    let client = ask(fleet.address(), header);
    let answer = client.and_then(|mut client| client.get("/"));
    answer.expect("a valid header is accepted").worker()
}

fn ask(server: SocketAddr, header: &[u8]) -> io::Result<Client> {
    Client::connect_with(header, server)
}
