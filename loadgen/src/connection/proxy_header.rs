//! The PROXY header (haproxy.org, `proxy-protocol.txt`) with which a connection may begin, as from
//! another balancer. It names the client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;

use evenkeel_common::ProxyVersion;
use proxy_header::ProxiedAddress;
use rustix::io::Errno;

use super::socket::send;
use crate::spec::Address;

/// Length of the longest header that names two addresses, in bytes: a line of text (section 2.1).
const MAX_LENGTH: usize = 107;

/// No connection has this port, but a header names one.
const CLIENT_PORT: u16 = 40_000;

/// A header, ready to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProxyHeader {
    bytes: [u8; MAX_LENGTH],
    length: usize,
}

impl ProxyHeader {
    /// Returns the header of a connection from this source address. Its client is another host, as
    /// behind a balancer.
    pub(super) fn new(version: ProxyVersion, source: Option<Ipv4Addr>, target: &Address) -> Self {
        let header = match target {
            Address::Tcp(server) => {
                let client = SocketAddr::new(client(source, server), CLIENT_PORT);
                let addresses = ProxiedAddress::stream(client, *server);
                proxy_header::ProxyHeader::with_address(addresses)
            }
            // It has no addresses that a header could name.
            Address::Unix(_) => proxy_header::ProxyHeader::with_local(),
        };
        let mut bytes = [0; MAX_LENGTH];
        let length = match version {
            ProxyVersion::V1 => header.encode_to_slice_v1(&mut bytes),
            ProxyVersion::V2 => header.encode_to_slice_v2(&mut bytes),
        };
        let length = length.expect("both addresses have one family, and the header fits");
        Self { bytes, length }
    }

    /// Sends the header on a socket that has nothing else to send: it takes the whole header or,
    /// before it is connected, nothing.
    pub(super) fn send(&self, socket: &OwnedFd) -> Result<(), Errno> {
        send(socket, &self.bytes[..self.length]).map(|_whole| ())
    }
}

/// Returns the client of a source address: 10.1.2.3 for 127.1.2.3. An IPv6 server has one client,
/// from the addresses for documentation (RFC 3849).
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
        let header = ProxyHeader::new(ProxyVersion::V1, source, &target);
        String::from_utf8(header.bytes[..header.length].to_vec()).expect("text")
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
    fn client_and_server_have_the_same_address_family() {
        assert_eq!(
            line(None, "[::1]:80"),
            "PROXY TCP6 2001:db8::1 ::1 40000 80\r\n"
        );
        assert_eq!(line(None, "server.sock"), "PROXY UNKNOWN\r\n");
    }
}
