//! Attempts to connect, connections and requests are counted apart.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use crate::common::{offer, requests_of};
use evenkeel_loadgen::{Arrivals, ErrorClass, LoadSpec, Observer, Offer, Outcome, Progress, run};
use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A port on which nobody listens yet.
fn reserved() -> (SocketAddr, OwnedFd) {
    let reserved = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    bind(&reserved, &any).expect("a port is free");
    let bound = getsockname(&reserved).expect("a bound socket");
    (
        bound.try_into().expect("an address of the internet"),
        reserved,
    )
}

/// Begins to listen when an attempt to connect has failed.
struct Late(Option<OwnedFd>);

impl Observer for Late {
    fn progress(&mut self, progress: &Progress) {
        let Some(socket) = self.0.take_if(|_| progress.connect_failures > 0) else {
            return;
        };
        listen(&socket, 64).expect("a bound socket");
        let listener = TcpListener::from(socket);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || serve(stream));
            }
        });
    }
}

fn serve(mut stream: TcpStream) {
    let reader = stream.try_clone().expect("a descriptor");
    for _ in requests_of(reader) {
        if stream.write_all(OK).is_err() {
            return;
        }
    }
}

fn open(rate_rps: f64) -> Offer {
    let arrivals = Arrivals::Constant;
    Offer::Open { rate_rps, arrivals }
}

fn spec(address: SocketAddr) -> LoadSpec {
    LoadSpec {
        connections: 2,
        duration: Duration::from_millis(500),
        ..LoadSpec::new(address)
    }
}

fn offer_to_late_server(more: fn(LoadSpec) -> LoadSpec) -> Outcome {
    let (address, socket) = reserved();
    let spec = more(spec(address));
    let outcome = run(&spec, &AtomicBool::new(false), &mut Late(Some(socket)));
    let outcome = outcome.expect("the load can be offered");
    assert!(outcome.reached);
    assert!(outcome.connect_errors[&ErrorClass::Refused] > 0);
    outcome
}

#[test]
fn arrivals_that_wait_for_a_server_that_listens_late_do_not_fail() {
    let outcome = offer_to_late_server(|spec| LoadSpec {
        offer: open(100.0),
        timeout: Duration::from_secs(60),
        ..spec
    });
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(outcome.requests, 50);
    assert!(
        outcome
            .notes
            .iter()
            .any(|note| note.starts_with("attempts to connect failed"))
    );
}

#[test]
fn a_closed_loop_counts_no_request_before_it_can_be_sent() {
    let endless = offer_to_late_server(|spec| LoadSpec {
        duration: Duration::from_secs(2),
        ..spec
    });
    assert!(endless.requests > 0);
    assert!(endless.errors.is_empty(), "{:?}", endless.errors);

    let limited = offer_to_late_server(|spec| LoadSpec {
        requests: NonZeroU64::new(30),
        duration: Duration::MAX,
        ..spec
    });
    assert_eq!((limited.requests, limited.failures()), (30, 0));
}

#[test]
fn a_request_that_opens_its_connection_fails_at_most_once() {
    let outcome = offer_to_late_server(|spec| LoadSpec {
        offer: open(100.0),
        requests_per_connection: NonZeroU64::new(1),
        ..spec
    });
    assert_eq!(outcome.requests + outcome.failures(), 50);
    assert!(outcome.errors[&ErrorClass::Refused] > 0);
    assert_eq!(outcome.errors, outcome.connect_errors);
}

#[test]
fn where_nobody_listens_the_load_ends_early_and_counts_each_arrival_once() {
    let (address, _socket) = reserved();
    let outcome = offer(&LoadSpec {
        offer: open(100.0),
        duration: Duration::from_secs(600),
        timeout: Duration::from_secs(600),
        ..spec(address)
    });
    assert!(!outcome.reached && !outcome.interrupted);
    assert!(outcome.duration < Duration::from_secs(600));
    let arrivals = outcome.offered.expect("an open loop").arrivals;
    let classes: Vec<_> = outcome.errors.iter().collect();
    assert_eq!(classes, [(&ErrorClass::Unsent, &arrivals)]);
    let why = &outcome.examples[&ErrorClass::Refused];
    assert!(why.contains("Connection refused"), "{why}");
}

#[test]
fn where_nobody_listens_the_load_ends_within_its_warm_up() {
    let (address, _socket) = reserved();
    for kind in [Offer::Closed, open(100.0)] {
        let outcome = offer(&LoadSpec {
            offer: kind,
            warmup: Duration::from_secs(600),
            ..spec(address)
        });
        assert!(!outcome.reached && !outcome.interrupted);
        assert_eq!(outcome.duration, Duration::ZERO);
        assert!(outcome.examples.contains_key(&ErrorClass::Refused));
    }
}
