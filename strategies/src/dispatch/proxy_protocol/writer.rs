//! Writing a header.

use std::io;
use std::net::SocketAddr;

use evenkeel_common::ProxyVersion;
use proxy_header::{ProxiedAddress, ProxyHeader};

use super::{Route, header::MAX_LINE};

#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodedHeader {
    bytes: [u8; MAX_LINE],
    length: usize,
}

impl AsRef<[u8]> for EncodedHeader {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl EncodedHeader {
    /// Encodes a header with these addresses, or without addresses if they have different families.
    pub(crate) fn new(version: ProxyVersion, route: &Route) -> io::Result<Self> {
        let (client, server) = (canonical(route.client), canonical(route.server));
        let header = match client.is_ipv4() == server.is_ipv4() {
            true => ProxyHeader::with_address(ProxiedAddress::stream(client, server)),
            false => ProxyHeader::with_local(),
        };
        let mut bytes = [0; MAX_LINE];
        let length = match version {
            ProxyVersion::V1 => header.encode_to_slice_v1(&mut bytes),
            ProxyVersion::V2 => header.encode_to_slice_v2(&mut bytes),
        };
        let length = length.map_err(io::Error::other)?;
        Ok(Self { bytes, length })
    }
}

/// Turns an IPv4-mapped address into the IPv4 address.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
