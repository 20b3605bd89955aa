//! The server under load.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use rustix::net::SocketAddrUnix;

use crate::spec::SpecError;
use crate::tls::Tls;

/// The server under load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where to connect to.
    pub address: Address,
    /// The value of the `host` field, such as `localhost:8080`.
    pub authority: String,
    /// How to speak TLS with it; `None` for plain HTTP.
    pub tls: Option<Tls>,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An IPv4 or IPv6 address and a port.
    Tcp(SocketAddr),
    /// A Unix stream socket, by its path.
    Unix(PathBuf),
}

impl Target {
    pub(crate) fn validate(&self) -> Result<(), SpecError> {
        if let Address::Unix(path) = &self.address {
            SocketAddrUnix::new(path).map_err(|_| SpecError::SocketPath(path.clone()))?;
        }
        self.tls.as_ref().map_or(Ok(()), Tls::validate)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => path.display().fmt(formatter),
        }
    }
}
