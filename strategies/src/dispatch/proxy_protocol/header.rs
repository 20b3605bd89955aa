//! Reading a header, as far as it has come.
//!
//! Crates that read headers take more than the protocol has (`PROXYxTCP4`, a port of `+80`,
//! datagrams where there is a TCP connection), and what lies is not to be believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::{FromStr, from_utf8};

use thiserror::Error;

use super::Route;

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many bytes it takes; what follows belongs to the connection.
    pub length: usize,
    /// What it names, if it does: `UNKNOWN`, `LOCAL` and Unix sockets leave the connection's own
    /// addresses in force.
    pub route: Option<Route>,
}

/// Why a connection does not begin with a header that can be believed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Fault {
    /// It begins with something else.
    #[error("the connection does not begin with a PROXY header")]
    Absent,
    /// It begins as a header does, but what follows is none.
    #[error("the PROXY header is malformed")]
    Malformed,
    /// It does not end where a header has to.
    #[error("the PROXY header is too long")]
    Oversized,
}

/// The longest line of version 1, with its end (`proxy-protocol.txt`, section 2.1).
pub(super) const LONGEST_LINE: usize = 107;

/// The longest header that is taken, as nginx has it (`NGX_PROXY_PROTOCOL_MAX_HEADER`): room for
/// addresses and whatever extensions follow them.
pub(super) const LONGEST: usize = 4096;

const TEXT: &[u8] = b"PROXY ";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, command, family and length.
const FIXED: usize = 16;

/// The header with which these bytes begin; `None` if they are only the beginning of one.
///
/// # Errors
/// [`Fault`] as soon as these bytes cannot be the beginning of a header.
pub fn parse(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    if begins(bytes, TEXT) {
        text(bytes)
    } else if begins(bytes, SIGNATURE) {
        binary(bytes)
    } else {
        Err(Fault::Absent)
    }
}

/// Whether the bytes begin with these, as far as they go.
fn begins(bytes: &[u8], with: &[u8]) -> bool {
    let known = bytes.len().min(with.len());
    bytes[..known] == with[..known]
}

/// Version 1, such as `PROXY TCP4 192.0.2.7 192.0.2.1 40000 443` and CR LF.
fn text(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    let within = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = within.windows(2).position(|pair| pair == b"\r\n") else {
        return match within.len() {
            LONGEST_LINE => Err(Fault::Oversized),
            _ => Ok(None),
        };
    };
    let said = within.get(TEXT.len()..end).ok_or(Fault::Malformed)?;
    let (family, rest) = match said.iter().position(|byte| *byte == b' ') {
        Some(space) => (&said[..space], &said[space + 1..]),
        None => (said, &[][..]),
    };
    let route = match family {
        b"TCP4" => Some(named::<Ipv4Addr>(rest)?),
        b"TCP6" => Some(named::<Ipv6Addr>(rest)?),
        // What follows is to be ignored (section 2.1).
        b"UNKNOWN" => None,
        _ => return Err(Fault::Malformed),
    };
    let length = end + 2;
    Ok(Some(Header { length, route }))
}

/// Two addresses and two ports, with one space between.
fn named<A: FromStr + Into<IpAddr>>(fields: &[u8]) -> Result<Route, Fault> {
    let mut fields = from_utf8(fields).map_err(|_| Fault::Malformed)?.split(' ');
    let mut next = || fields.next().ok_or(Fault::Malformed);
    let (client, server) = (address::<A>(next()?)?, address::<A>(next()?)?);
    let (clients_port, servers_port) = (port(next()?)?, port(next()?)?);
    if fields.next().is_some() {
        return Err(Fault::Malformed);
    }
    Ok(Route {
        client: SocketAddr::new(client, clients_port),
        server: SocketAddr::new(server, servers_port),
    })
}

fn address<A: FromStr + Into<IpAddr>>(text: &str) -> Result<IpAddr, Fault> {
    text.parse().map(A::into).map_err(|_| Fault::Malformed)
}

/// Digits alone, and no zero in front of others.
fn port(text: &str) -> Result<u16, Fault> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    let port = text.parse().ok().filter(|_| is_number && is_short);
    port.ok_or(Fault::Malformed)
}

/// Version 2.
fn binary(bytes: &[u8]) -> Result<Option<Header>, Fault> {
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else {
        return Ok(None);
    };
    let follows = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    let length = FIXED + follows;
    let size = match (fixed[12], fixed[13]) {
        // LOCAL is the neighbour itself, whatever family it writes.
        (0x20, _) | (0x21, 0x00) => 0,
        (0x21, 0x11) => 12,
        (0x21, 0x21) => 36,
        (0x21, 0x31) => 216,
        _ => return Err(Fault::Malformed),
    };
    if follows < size {
        return Err(Fault::Malformed);
    }
    if length > LONGEST {
        return Err(Fault::Oversized);
    }
    let Some(block) = rest.get(..follows) else {
        return Ok(None);
    };
    let route = match size {
        12 => Some(route_of::<4>(block)),
        36 => Some(route_of::<16>(block)),
        _ => None,
    };
    Ok(Some(Header { length, route }))
}

/// Two addresses of so many bytes and two ports, which have been seen to be there.
fn route_of<const N: usize>(block: &[u8]) -> Route
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
