//! No allocation per request: allocations are counted while load is offered.

mod sys;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU64;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{Arrivals, LoadSpec, Offer, RequestSpec, Work, WorkKind, run};

#[global_allocator]
static COUNTING: sys::Counting = sys::Counting;

const CONNECTIONS: usize = 8;

/// Answers each read with the same bytes: requests are small and one at a time.
fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {
        let answer = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 3\r\nx-evenkeel-work: 50000\r\ncontent-length: 2\r\n\r\nok";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// Starts enough threads for all connections of a run before the load: a thread allocates before it
/// can exclude itself from the count.
fn start_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    for _ in 0..2 * CONNECTIONS {
        let listener = listener.try_clone().expect("a descriptor");
        thread::spawn(move || {
            sys::leave_out_this_thread();
            listener.incoming().map_while(Result::ok).for_each(serve);
        });
    }
    address
}

/// Returns the number of allocations of a run with this number of requests.
fn allocations_of(requests: u64, spec: &LoadSpec) -> u64 {
    let spec = LoadSpec {
        requests: NonZeroU64::new(requests),
        ..spec.clone()
    };
    let before = sys::allocations();
    let outcome = run(&spec, &AtomicBool::new(false), &mut ()).expect("offered");
    assert_eq!((outcome.requests, outcome.failures()), (requests, 0));
    sys::allocations() - before
}

#[test]
fn a_longer_run_allocates_no_more_than_a_short_one() {
    let open = Offer::Open {
        rate_rps: 5_000.0,
        arrivals: Arrivals::Poisson,
    };
    let address = start_server();
    for offer in [Offer::Closed, open] {
        for per_connection in [None, Some(1), Some(10)] {
            let spec = LoadSpec {
                request: RequestSpec {
                    work: Work::fixed(WorkKind::Spin, 50.0),
                    ..RequestSpec::default()
                },
                offer: offer.clone(),
                connections: CONNECTIONS,
                requests_per_connection: per_connection.and_then(NonZeroU64::new),
                worker_names: vec![70_000, 3],
                // Its lines are allocated before the load begins.
                keep_request_log: offer.is_open() && per_connection == Some(1),
                // The number of requests ends the run, however slow it goes.
                duration: Duration::from_secs(60),
                timeout: Duration::from_secs(60),
                ..LoadSpec::new(address)
            };
            let short = allocations_of(100, &spec);
            let long = allocations_of(2_000, &spec);
            // What is kept for each second, and not for each request, may grow: once for each second
            // that the slowest machine may need.
            let slack = 30;
            assert!(
                long <= short + slack,
                "{short} and {long} allocations, {offer:?}, {per_connection:?}"
            );
        }
    }
}
