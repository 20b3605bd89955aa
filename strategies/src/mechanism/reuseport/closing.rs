//! Tests of what happens to queued connections when a listener of a group is closed, as when its worker
//! is killed. It depends on `net.ipv4.tcp_migrate_req` (ip-sysctl, Linux 5.14).

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::Shutdown;

use crate::launch::{Namespace, listener};
use crate::sys::tcp::defer_accept;

/// Enough clients for both listeners: one of them gets none with a probability of 2 in 2^40.
const CLIENTS: usize = 40;

/// What a connection waits for.
#[derive(Clone, Copy, Debug)]
enum WaitsFor {
    /// For accept(2). Its handshake is complete.
    Accept,
    /// For bytes from its client (TCP_DEFER_ACCEPT). For the kernel its handshake is not complete.
    FirstBytes,
}

#[test]
fn without_migration_connections_of_a_closed_listener_are_reset() {
    for waits in [WaitsFor::Accept, WaitsFor::FirstBytes] {
        if let Some((served, reset)) = close_one_of_two("0", waits) {
            assert!(served > 0 && reset > 0, "{waits:?}: {served} and {reset}");
        }
    }
}

#[test]
fn with_migration_the_other_listener_of_the_group_gets_the_connections() {
    for waits in [WaitsFor::Accept, WaitsFor::FirstBytes] {
        if let Some(outcome) = close_one_of_two("1", waits) {
            assert_eq!(outcome, (CLIENTS, 0), "{waits:?}");
        }
    }
}

/// Connects clients to two listeners and closes one of them. Returns how many clients the other one
/// serves, and how many are reset. Returns `None` if this host cannot run the test.
fn close_one_of_two(migrate: &str, waits: WaitsFor) -> Option<(usize, usize)> {
    let outcome = Namespace::create().and_then(|namespace| {
        namespace.call(|| {
            std::fs::write("/proc/sys/net/ipv4/tcp_migrate_req", migrate)?;
            Ok(close_one_of_two_here(waits))
        })?
    });
    outcome
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

fn close_one_of_two_here(waits: WaitsFor) -> (usize, usize) {
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let (mut listeners, address) = listener::open_group(any_port, 2).unwrap();
    if matches!(waits, WaitsFor::FirstBytes) {
        for listener in &listeners {
            defer_accept(listener, Duration::from_secs(60)).unwrap();
        }
    }
    let connect = |_| TcpStream::connect(address).unwrap();
    let mut clients: Vec<_> = (0..CLIENTS).map(connect).collect();
    let left = TcpListener::from(listeners.remove(0));
    drop(listeners);
    for client in &mut clients {
        client.set_nonblocking(true).unwrap();
        // It fails for those that were reset.
        let _written = client.write(b"?");
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let (mut served, mut reset) = (Vec::new(), 0);
    while served.len() + reset < CLIENTS && Instant::now() < deadline {
        served.extend(std::iter::from_fn(|| left.accept().ok()));
        clients.retain_mut(|client| !is_reset(client));
        reset = CLIENTS - clients.len();
    }
    (served.len(), reset)
}

#[test]
fn a_listener_that_is_shut_down_gives_what_waits_to_another_one_and_comes_back_when_it_listens() {
    let outcome = Namespace::create().and_then(|namespace| {
        namespace.call(|| {
            std::fs::write("/proc/sys/net/ipv4/tcp_migrate_req", "1")?;
            let any_port = (Ipv4Addr::LOCALHOST, 0).into();
            let (listeners, address) = listener::open_group(any_port, 2).unwrap();
            let connect = |_| TcpStream::connect(address).unwrap();
            // The kernel has chosen the port for the first one.
            let before: Vec<_> = (0..CLIENTS).map(connect).collect();
            rustix::net::shutdown(&listeners[0], Shutdown::Read).unwrap();
            let during: Vec<_> = (0..CLIENTS).map(connect).collect();
            let [first, second] = [0, 1].map(|at| listeners[at].try_clone().unwrap());
            let (first, second) = (TcpListener::from(first), TcpListener::from(second));
            let moved = std::iter::from_fn(|| second.accept().ok()).count();
            assert_eq!(moved, before.len() + during.len());
            listener::listen_again(&listeners[0]).unwrap();
            let _after: Vec<_> = (0..CLIENTS).map(connect).collect();
            let count = |it: &TcpListener| std::iter::from_fn(|| it.accept().ok()).count();
            let shares = [count(&first), count(&second)];
            assert_eq!(shares.iter().sum::<usize>(), CLIENTS);
            assert!(!shares.contains(&0), "{shares:?}");
            Ok(())
        })?
    });
    if let Err(error) = outcome {
        eprintln!("skipped: {error}");
    }
}

/// Whether a connection was reset. No connection is closed here, so a successful read is a reset.
fn is_reset(client: &mut TcpStream) -> bool {
    let nothing_yet = |error: &std::io::Error| error.kind() == ErrorKind::WouldBlock;
    !client
        .read(&mut [0])
        .is_err_and(|error| nothing_yet(&error))
}
