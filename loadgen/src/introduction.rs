//! What a connection begins with where the generator stands for another balancer: a header of the
//! PROXY protocol (haproxy.org, `proxy-protocol.txt`), which names the client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proxy_header::{ProxiedAddress, ProxyHeader};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use crate::socket::send;
use crate::target::Address;

/// A version of the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderVersion {
    /// A line of text.
    V1,
    /// A binary block.
    V2,
}

/// The longest header that names two addresses is a line of so many bytes (section 2.1).
const LONGEST: usize = 107;

/// No connection has this port, but a header names one.
const CLIENT_PORT: u16 = 40_000;

/// A header, ready to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Introduction {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Introduction {
    /// Of the connection that comes from this source address, for a client that has nothing to
    /// do with it, as behind a balancer.
    pub(crate) fn new(version: HeaderVersion, source: Option<Ipv4Addr>, target: &Address) -> Self {
        let header = match target {
            Address::Tcp(server) => {
                let client = SocketAddr::new(client(source, server), CLIENT_PORT);
                ProxyHeader::with_address(ProxiedAddress::stream(client, *server))
            }
            // It has no addresses that a header could name.
            Address::Unix(_) => ProxyHeader::with_local(),
        };
        let mut bytes = [0; LONGEST];
        let length = match version {
            HeaderVersion::V1 => header.encode_to_slice_v1(&mut bytes),
            HeaderVersion::V2 => header.encode_to_slice_v2(&mut bytes),
        };
        let length = length.expect("both ends are of one family, and the header fits");
        Self { bytes, length }
    }

    /// Sends it to a socket that has nothing else to send, which takes it whole or, while it is
    /// not connected, not at all.
    pub(crate) fn send(&self, socket: &OwnedFd) -> Result<(), Errno> {
        send(socket, &self.bytes[..self.length]).map(|_whole| ())
    }
}

/// One client for each source address: 10.1.2.3 for 127.1.2.3. Of an IPv6 server there is one,
/// from the addresses that are for documentation (RFC 3849).
fn client(source: Option<Ipv4Addr>, server: &SocketAddr) -> IpAddr {
    if server.is_ipv6() {
        return Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into();
    }
    let [_loopback, a, b, c] = source.unwrap_or(Ipv4Addr::LOCALHOST).octets();
    Ipv4Addr::new(10, a, b, c).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(source: Option<Ipv4Addr>, server: &str) -> String {
        let target = match server.parse::<SocketAddr>() {
            Ok(server) => Address::Tcp(server),
            Err(_) => Address::Unix(server.into()),
        };
        let written = Introduction::new(HeaderVersion::V1, source, &target);
        String::from_utf8(written.bytes[..written.length].to_vec()).expect("text")
    }

    #[test]
    fn each_source_address_stands_for_a_client_of_its_own() {
        assert_eq!(
            line(Some(Ipv4Addr::new(127, 0, 3, 9)), "127.0.0.1:80"),
            "PROXY TCP4 10.0.3.9 127.0.0.1 40000 80\r\n"
        );
        assert_eq!(
            line(None, "127.0.0.1:80"),
            "PROXY TCP4 10.0.0.1 127.0.0.1 40000 80\r\n"
        );
    }

    #[test]
    fn a_client_is_of_the_family_of_the_server() {
        assert_eq!(
            line(None, "[::1]:80"),
            "PROXY TCP6 2001:db8::1 ::1 40000 80\r\n"
        );
        assert_eq!(line(None, "server.sock"), "PROXY UNKNOWN\r\n");
    }
}
