//! Connections that begin with a PROXY header.

use std::io::{Read, Write};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::{Arc, Mutex};

use crate::common::{Server, offer, raw, short};
use evenkeel_common::ProxyVersion;
use evenkeel_loadgen::LoadSpec;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// Four addresses, two ports, and the 16 bytes before them.
const BLOCK: usize = 28;

type SourceAddresses = Arc<Mutex<Vec<[u8; 4]>>>;

/// Starts a server that reads a header of version 2 from each connection, and keeps its client.
fn recording(clients: SourceAddresses) -> Server {
    raw(move |mut stream| {
        let mut block = [0; BLOCK];
        if stream.read_exact(&mut block).is_err() {
            return;
        }
        assert_eq!(&block[..12], b"\r\n\r\n\0\r\nQUIT\n");
        let named = [block[16], block[17], block[18], block[19]];
        clients.lock().expect("no panic").push(named);
        answer_all(&mut stream);
    })
}

fn answer_all(stream: &mut (impl Read + Write)) {
    let mut head = Vec::new();
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
        if head.ends_with(b"\r\n\r\n") {
            assert!(head.starts_with(b"GET / HTTP/1.1\r\n"));
            head.clear();
            if stream.write_all(OK).is_err() {
                return;
            }
        }
    }
}

fn limited(server: &Server, requests: u64) -> LoadSpec {
    LoadSpec {
        connections: 4,
        client_addresses: 4,
        requests: NonZeroU64::new(requests),
        duration: std::time::Duration::MAX,
        proxy_header: Some(ProxyVersion::V2),
        ..short(server)
    }
}

#[test]
fn every_connection_names_its_client_once() {
    for per_connection in [None, NonZeroU64::new(1), NonZeroU64::new(5)] {
        for pipeline in [1, 3] {
            let clients = SourceAddresses::default();
            let server = recording(Arc::clone(&clients));
            let outcome = offer(&LoadSpec {
                requests_per_connection: per_connection,
                pipeline: NonZeroU32::new(pipeline).expect("not 0"),
                ..limited(&server, 60)
            });
            assert_eq!(outcome.requests, 60);
            assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
            let mut named = clients.lock().expect("no panic").clone();
            named.sort_unstable();
            named.dedup();
            assert_eq!(
                named,
                [[10, 0, 0, 1], [10, 0, 0, 2], [10, 0, 0, 3], [10, 0, 0, 4]]
            );
        }
    }
}

#[test]
fn without_a_proxy_header_nothing_precedes_the_request() {
    let server = raw(|mut stream| answer_all(&mut stream));
    let outcome = offer(&LoadSpec {
        proxy_header: None,
        ..limited(&server, 20)
    });
    assert_eq!(outcome.requests, 20);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
}
