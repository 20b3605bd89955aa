//! Memory of an open connection.

mod sys;

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use evenkeel_loadgen::{LoadSpec, run};
use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket, sockopt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[global_allocator]
static COUNTING: sys::Counting = sys::Counting;

const CONNECTIONS: usize = 10_000;

/// Files that a test needs in addition to its connections.
const OTHER_FILES: u64 = 100;

/// Opens sockets that share a port, so that each queues a part of the connections. They are not
/// accepted, since that would need as many descriptors again.
fn listeners() -> (SocketAddr, Vec<OwnedFd>) {
    let mut address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut sockets = Vec::new();
    for _ in 0..16 {
        let one = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        sockopt::set_socket_reuseport(&one, true).expect("an option that Linux has");
        bind(&one, &address).expect("a port is free");
        listen(&one, 4_096).expect("a bound socket");
        let bound = getsockname(&one).expect("a bound socket");
        address = bound.try_into().expect("an address of the internet");
        sockets.push(one);
    }
    (address, sockets)
}

/// Raises the limit of open files as far as allowed, and returns it.
fn raise_file_limit() -> u64 {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).expect("a limit that is allowed");
    maximum.unwrap_or(u64::MAX)
}

#[test]
fn ten_thousand_connections_cost_at_most_four_kibibytes_each() {
    let (address, _listeners) = listeners();
    let most = raise_file_limit().saturating_sub(OTHER_FILES) as usize;
    let connections = CONNECTIONS.min(most);
    let spec = LoadSpec {
        connections,
        duration: Duration::from_millis(100),
        ..LoadSpec::new(address)
    };
    let bytes = sys::most_bytes(|| {
        let outcome = run(&spec, &AtomicBool::new(false), &mut ()).expect("offered");
        assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    });
    // This includes histograms and buffers of the thread.
    let each = bytes / connections;
    println!("{connections} connections, {each} bytes each");
    assert!(each <= 4_096, "{each} bytes");
}
