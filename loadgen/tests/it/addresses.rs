//! Servers on IPv6 and Unix sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::num::NonZeroU64;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::thread;

use crate::common::offer_until;
use evenkeel_loadgen::{Address, ErrorClass, LoadSpec, SpecError};

/// Answers each request head on a connection until its end.
fn serve(stream: impl Read, mut out: impl Write) {
    let empty_lines = BufReader::new(stream).lines().map_while(Result::ok);
    for _ in empty_lines.filter(String::is_empty) {
        if out
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .is_err()
        {
            return;
        }
    }
}

fn unix_server(path: &PathBuf) {
    let listener = UnixListener::bind(path).expect("a new path");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let reader = stream.try_clone().expect("a descriptor");
            thread::spawn(move || serve(reader, stream));
        }
    });
}

fn short(address: impl Into<Address>) -> LoadSpec {
    LoadSpec {
        connections: 2,
        ..LoadSpec::new(address)
    }
}

#[test]
fn a_unix_socket_is_loaded_on_kept_and_short_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.sock");
    unix_server(&path);
    for requests_per_connection in [None, NonZeroU64::new(1)] {
        let outcome = offer_until(
            4,
            &LoadSpec {
                requests_per_connection,
                ..short(Address::Unix(path.clone()))
            },
        );
        assert!(outcome.requests > 0);
        assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
    }
}

#[test]
fn a_unix_socket_without_a_server_is_a_counted_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let abandoned = folder.path().join("abandoned.sock");
    drop(UnixListener::bind(&abandoned).expect("a new path"));
    for (path, class) in [
        (folder.path().join("none.sock"), ErrorClass::ConnectFailed),
        (abandoned, ErrorClass::Refused),
    ] {
        let outcome = offer_until(4, &short(Address::Unix(path)));
        assert_eq!(outcome.requests, 0);
        assert!(
            outcome.connect_errors.contains_key(&class),
            "{:?}",
            outcome.examples
        );
    }
}

#[test]
fn an_impossible_socket_path_is_refused() {
    let path = PathBuf::from("x".repeat(200));
    let spec = short(Address::Unix(path.clone()));
    assert_eq!(spec.validate(), Err(SpecError::SocketPath(path)));
}

#[test]
fn an_ipv6_server_is_loaded() {
    let listener = TcpListener::bind("[::1]:0").expect("a host with an IPv6 loopback");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let reader = stream.try_clone().expect("a descriptor");
            thread::spawn(move || serve(reader, stream));
        }
    });
    let outcome = offer_until(4, &short(address));
    assert!(outcome.requests > 0);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
}
