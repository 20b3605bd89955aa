//! What holds for any bytes at the start of a connection. For tests and for the fuzzer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;

use evenkeel_common::ProxyVersion;

use super::header::{Header, MAX_HEADER, parse};
use super::{EncodedHeader, Reader, Route};

/// Asserts that a header is read to its end and no further, whole or in pieces, and that its addresses
/// are the same when they are written and read again. The first byte sets the length of the pieces.
///
/// # Panics
/// If one of this is not so.
pub fn check(input: &[u8]) {
    let [piece, bytes @ ..] = input else { return };
    let parsed = parse(bytes);
    if let Ok(Some(header)) = parsed {
        ends_there(header, bytes);
        if let Some(route) = header.route {
            is_read_as_written(route);
        }
    }
    let piece = usize::from(*piece).max(1);
    let (read, left) = read(bytes, piece).expect("a pair of sockets");
    match parsed {
        Ok(Some(header)) => {
            assert_eq!(read.expect("a header"), header.route);
            assert_eq!(left, &bytes[header.length..]);
        }
        Ok(None) => assert_eq!(kind(read), ErrorKind::UnexpectedEof),
        Err(_) => assert_eq!(kind(read), ErrorKind::InvalidData),
    }
}

/// Every shorter beginning is incomplete, and what follows has no meaning.
fn ends_there(header: Header, bytes: &[u8]) {
    assert!(header.length <= bytes.len().min(MAX_HEADER));
    assert_eq!(parse(&bytes[..header.length]), Ok(Some(header)));
    for length in 0..header.length {
        assert_eq!(parse(&bytes[..length]), Ok(None), "{length} bytes");
    }
}

fn is_read_as_written(route: Route) {
    for version in [ProxyVersion::V1, ProxyVersion::V2] {
        let written = EncodedHeader::new(version, &route).expect("it is short enough");
        let header = parse(written.as_ref()).map(|header| header.and_then(|it| it.route));
        let (client, server) = (canonical(route.client), canonical(route.server));
        // Addresses of different families cannot be written.
        let same = client.is_ipv4() == server.is_ipv4();
        assert_eq!(header, Ok(same.then_some(Route { client, server })));
    }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Reads a header from a connection on which these bytes arrive, in pieces, before it ends. Returns what
/// was read, and the bytes that are left.
fn read(bytes: &[u8], piece: usize) -> io::Result<(io::Result<Option<Route>>, Vec<u8>)> {
    let (mut client, mut server) = UnixStream::pair()?;
    let mut reader = Reader::default();
    let mut rest = bytes;
    let mut result = None;
    while result.is_none() && !rest.is_empty() {
        let (next, later) = rest.split_at(piece.min(rest.len()));
        client.write_all(next)?;
        result = is_ready(reader.read(&server));
        rest = later;
    }
    // At once, since a socket has no room for many small pieces that nobody reads.
    client.write_all(rest)?;
    drop(client);
    let result = result.unwrap_or_else(|| reader.read(&server));
    let mut left = Vec::new();
    server.read_to_end(&mut left)?;
    Ok((result, left))
}

/// Returns the result unless there is more to read.
fn is_ready(read: io::Result<Option<Route>>) -> Option<io::Result<Option<Route>>> {
    let waits = matches!(&read, Err(error) if error.kind() == ErrorKind::WouldBlock);
    (!waits).then_some(read)
}

fn kind(read: io::Result<Option<Route>>) -> ErrorKind {
    read.expect_err("there is no header").kind()
}
