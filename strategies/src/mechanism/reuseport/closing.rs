//! What becomes of connections that wait for a listener of a group when that is closed, as it is
//! when its worker is killed. It depends on `net.ipv4.tcp_migrate_req` (ip-sysctl, Linux 5.14).

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::launch::{Namespace, listener};
use crate::sys::defer_accept::defer_accept;

/// So many that no listener of two is left without one: that has a chance of 2 in 2^40.
const CLIENTS: usize = 40;

/// Until when a connection waits.
#[derive(Clone, Copy, Debug)]
enum Waits {
    /// For accept(2): its handshake is complete.
    ToBeAccepted,
    /// For its client to say something (TCP_DEFER_ACCEPT): for the kernel its handshake goes on.
    ToBeEstablished,
}

#[test]
fn without_migration_what_waits_for_a_closed_listener_is_reset() {
    for waits in [Waits::ToBeAccepted, Waits::ToBeEstablished] {
        if let Some((served, reset)) = close_one_of_two("0", waits) {
            assert!(served > 0 && reset > 0, "{waits:?}: {served} and {reset}");
        }
    }
}

#[test]
fn with_migration_the_other_listener_of_the_group_gets_what_waits() {
    for waits in [Waits::ToBeAccepted, Waits::ToBeEstablished] {
        if let Some(outcome) = close_one_of_two("1", waits) {
            assert_eq!(outcome, (CLIENTS, 0), "{waits:?}");
        }
    }
}

/// How many clients of two listeners, of which one was closed before it accepted, the other one
/// serves, and how many are reset. `None` where it cannot be tried.
fn close_one_of_two(migrate: &str, waits: Waits) -> Option<(usize, usize)> {
    let tried = Namespace::create().and_then(|namespace| {
        namespace.call(|| {
            std::fs::write("/proc/sys/net/ipv4/tcp_migrate_req", migrate)?;
            Ok(close_one_of_two_here(waits))
        })?
    });
    tried
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

fn close_one_of_two_here(waits: Waits) -> (usize, usize) {
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let (mut listeners, address) = listener::open_group(any_port, 2).unwrap();
    if matches!(waits, Waits::ToBeEstablished) {
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
        // Those that were reset cannot say anything any more.
        let _said = client.write(b"?");
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

/// Nobody ends a connection here, so whatever can be read is its end.
fn is_reset(client: &mut TcpStream) -> bool {
    let nothing_yet = |error: &std::io::Error| error.kind() == ErrorKind::WouldBlock;
    !client
        .read(&mut [0])
        .is_err_and(|error| nothing_yet(&error))
}
