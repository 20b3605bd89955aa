//! With more clients than a fleet has descriptors, clients wait and none is lost.

mod support;

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use evenkeel_strategies::Strategy;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use support::client::get;
use support::{fleet_spec, for_each_strategy, launch, launch_as};

/// Descriptors of each process of the fleet: enough to start and for about twenty connections.
const LIMIT: u64 = 64;

/// More clients at a time than two workers have descriptors for.
const CLIENTS: usize = 200;

/// Silent clients: more than a process has descriptors for. Under policies with a limit per worker they take
/// turns, two at a time.
const SILENT: usize = 70;

/// One test, since it lowers the limit of the whole test process while a fleet starts.
#[test]
fn clients_wait_while_no_descriptor_is_free() {
    for_each_strategy(|strategy, _| {
        clients_are_served_one_after_the_other(strategy);
        silent_clients_shut_nobody_out(strategy);
    });
}

fn clients_are_served_one_after_the_other(strategy: &dyn Strategy) {
    let fleet = with_few_descriptors(|| launch(strategy, 2));
    let address = fleet.address();
    let clients: Vec<_> = (0..CLIENTS).map(|_| start_client(address)).collect();
    let mut failed = Vec::new();
    for client in clients {
        failed.extend(client.join().expect("the client ran").err());
    }
    assert!(failed.is_empty(), "{}: {failed:?}", strategy.key());
    fleet.stop();
}

/// Silent clients lose their connections, so a later client is served.
fn silent_clients_shut_nobody_out(strategy: &dyn Strategy) {
    let key = strategy.key();
    let mut spec = fleet_spec(2);
    let limit = Duration::from_millis(50);
    (spec.client_limits.head, spec.client_limits.stall) = (limit, limit);
    let fleet = with_few_descriptors(|| launch_as(strategy, &spec));
    let address = fleet.address();
    let silent: Vec<_> = (0..SILENT).map(|_| TcpStream::connect(address)).collect();
    assert!(silent.iter().all(Result::is_ok), "{key}");
    let answer = get(address, "/").expect(key);
    assert_eq!(answer.status, 200, "{key}");
}

/// Starts a client that keeps its connection until all others have connected.
fn start_client(address: SocketAddr) -> JoinHandle<io::Result<()>> {
    std::thread::spawn(move || {
        let answer = get(address, "/sleep/20000")?;
        match answer.status {
            200 => Ok(()),
            status => Err(io::Error::other(format!("status {status}"))),
        }
    })
}

/// Calls `start` with a low limit of open files, which child processes inherit.
fn with_few_descriptors<T>(start: impl FnOnce() -> T) -> T {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("it can be read");
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT, hard).expect("it can be lowered");
    let started = start();
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).expect("it can be raised again");
    started
}
