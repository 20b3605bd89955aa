//! Writing a header.

use std::io;
use std::net::SocketAddr;

use proxy_header::{ProxiedAddress, ProxyHeader};

use super::Route;
use super::header::LONGEST_LINE;
use crate::launch::ProxyVersion;

/// A header, ready to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    bytes: [u8; LONGEST_LINE],
    length: usize,
}

impl AsRef<[u8]> for Written {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl ProxyVersion {
    /// The header that names this route, or none where its ends are of different families.
    pub(crate) fn write(self, route: &Route) -> io::Result<Written> {
        let (client, server) = (canonical(route.client), canonical(route.server));
        let header = match client.is_ipv4() == server.is_ipv4() {
            true => ProxyHeader::with_address(ProxiedAddress::stream(client, server)),
            false => ProxyHeader::with_local(),
        };
        let mut bytes = [0; LONGEST_LINE];
        let length = match self {
            Self::V1 => header.encode_to_slice_v1(&mut bytes),
            Self::V2 => header.encode_to_slice_v2(&mut bytes),
        };
        let length = length.map_err(io::Error::other)?;
        Ok(Written { bytes, length })
    }
}

/// An IPv4 client of a dual-stack listener is an IPv4 client.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
