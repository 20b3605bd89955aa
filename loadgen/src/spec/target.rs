//! The server under load.

use nix::sys::socket::UnixAddr;

use super::{Address, SpecError, Tls};

/// The server under load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where to connect to.
    pub address: Address,
    /// The value of the `host` field, such as `localhost:8080`.
    pub authority: String,
    /// How to use TLS; `None` for plain HTTP.
    pub tls: Option<Tls>,
}

impl Target {
    pub(super) fn validate(&self) -> Result<(), SpecError> {
        if let Address::Unix(path) = &self.address {
            UnixAddr::new(path).map_err(|_| SpecError::SocketPath(path.clone()))?;
        }
        self.tls.as_ref().map_or(Ok(()), Tls::validate)
    }
}
