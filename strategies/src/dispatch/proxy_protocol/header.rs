//! Parsing a header that may be incomplete.
//!
//! Existing crates accept more than the protocol allows (`PROXYxTCP4`, a port of `+80`, datagrams on a
//! TCP connection). An invalid header must not be trusted, so this is our own parser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::{FromStr, from_utf8};

use thiserror::Error;

use super::Route;

/// A complete header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Length in bytes. The following bytes belong to the connection.
    pub length: usize,
    /// The addresses. With `UNKNOWN`, `LOCAL` and Unix sockets there are none, and those of the
    /// connection itself count.
    pub route: Option<Route>,
}

/// Why a connection does not begin with a valid header.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum HeaderError {
    /// There is no header.
    #[error("the connection does not begin with a PROXY header")]
    Absent,
    /// It begins like a header, but is invalid.
    #[error("the PROXY header is malformed")]
    Malformed,
    /// It is longer than a header may be.
    #[error("the PROXY header is too long")]
    Oversized,
}

/// Maximum length of a line of version 1, with its end (`proxy-protocol.txt`, section 2.1).
pub(super) const MAX_LINE: usize = 107;

/// Maximum length of a header, as in nginx (`NGX_PROXY_PROTOCOL_MAX_HEADER`). There is room for
/// extensions after the addresses.
pub(super) const MAX_HEADER: usize = 4096;

const TEXT: &[u8] = b"PROXY ";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Length of signature, command, family and length.
const FIXED: usize = 16;

/// Parses the header at the start of these bytes. Returns `None` if it is incomplete.
///
/// # Errors
/// [`HeaderError`] as soon as these bytes cannot be the beginning of a header.
pub fn parse(bytes: &[u8]) -> Result<Option<Header>, HeaderError> {
    if begins(bytes, TEXT) {
        parse_text(bytes)
    } else if begins(bytes, SIGNATURE) {
        parse_binary(bytes)
    } else {
        Err(HeaderError::Absent)
    }
}

/// Whether the bytes begin with these, or are the beginning of these.
fn begins(bytes: &[u8], with: &[u8]) -> bool {
    let known = bytes.len().min(with.len());
    bytes[..known] == with[..known]
}

/// Parses version 1, such as `PROXY TCP4 192.0.2.7 192.0.2.1 40000 443` and CR LF.
fn parse_text(bytes: &[u8]) -> Result<Option<Header>, HeaderError> {
    let within = &bytes[..bytes.len().min(MAX_LINE)];
    let Some(end) = within.windows(2).position(|pair| pair == b"\r\n") else {
        return match within.len() {
            MAX_LINE => Err(HeaderError::Oversized),
            _ => Ok(None),
        };
    };
    let content = within.get(TEXT.len()..end).ok_or(HeaderError::Malformed)?;
    let (family, rest) = match content.iter().position(|byte| *byte == b' ') {
        Some(space) => (&content[..space], &content[space + 1..]),
        None => (content, &[][..]),
    };
    let route = match family {
        b"TCP4" => Some(parse_route::<Ipv4Addr>(rest)?),
        b"TCP6" => Some(parse_route::<Ipv6Addr>(rest)?),
        // The rest must be ignored (section 2.1).
        b"UNKNOWN" => None,
        _ => return Err(HeaderError::Malformed),
    };
    let length = end + 2;
    Ok(Some(Header { length, route }))
}

/// Parses two addresses and two ports, separated by single spaces.
fn parse_route<A: FromStr + Into<IpAddr>>(fields: &[u8]) -> Result<Route, HeaderError> {
    let mut fields = from_utf8(fields)
        .map_err(|_| HeaderError::Malformed)?
        .split(' ');
    let mut next = || fields.next().ok_or(HeaderError::Malformed);
    let (client, server) = (address::<A>(next()?)?, address::<A>(next()?)?);
    let (client_port, server_port) = (port(next()?)?, port(next()?)?);
    if fields.next().is_some() {
        return Err(HeaderError::Malformed);
    }
    Ok(Route {
        client: SocketAddr::new(client, client_port),
        server: SocketAddr::new(server, server_port),
    })
}

fn address<A: FromStr + Into<IpAddr>>(text: &str) -> Result<IpAddr, HeaderError> {
    text.parse()
        .map(A::into)
        .map_err(|_| HeaderError::Malformed)
}

/// Parses a port: digits only, without leading zeros.
fn port(text: &str) -> Result<u16, HeaderError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    let port = text.parse().ok().filter(|_| is_number && is_short);
    port.ok_or(HeaderError::Malformed)
}

fn parse_binary(bytes: &[u8]) -> Result<Option<Header>, HeaderError> {
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else {
        return Ok(None);
    };
    let follows = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let length = FIXED + follows;
    let size = match (fixed[12], fixed[13]) {
        // LOCAL means the neighbour itself, with any family.
        (0x20, _) | (0x21, 0x00) => 0,
        (0x21, 0x11) => 12,
        (0x21, 0x21) => 36,
        (0x21, 0x31) => 216,
        _ => return Err(HeaderError::Malformed),
    };
    if follows < size {
        return Err(HeaderError::Malformed);
    }
    if length > MAX_HEADER {
        return Err(HeaderError::Oversized);
    }
    let Some(block) = rest.get(..follows) else {
        return Ok(None);
    };
    let route = match size {
        12 => Some(read_route::<4>(block)),
        36 => Some(read_route::<16>(block)),
        _ => None,
    };
    Ok(Some(Header { length, route }))
}

/// Reads two addresses of `N` bytes and two ports. The block must be long enough.
fn read_route<const N: usize>(block: &[u8]) -> Route
where
    IpAddr: From<[u8; N]>,
{
    let address = |at: usize| {
        let mut octets = [0; N];
        octets.copy_from_slice(&block[at..at + N]);
        IpAddr::from(octets)
    };
    let port = |at: usize| u16::from_be_bytes([block[at], block[at + 1]]);
    Route {
        client: SocketAddr::new(address(0), port(2 * N)),
        server: SocketAddr::new(address(N), port(2 * N + 2)),
    }
}

#[cfg(test)]
mod tests;
