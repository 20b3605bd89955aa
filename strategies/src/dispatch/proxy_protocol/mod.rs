//! The PROXY protocol: how a balancer passes on the address of a client.
//!
//! A connection begins with a header that contains both addresses of the client's connection: a line of
//! text in version 1, a binary block in version 2 (haproxy.org, `proxy-protocol.txt`). Anyone can write
//! a header, so it is used only if configured. Then it is required: a connection without a valid header
//! is closed.

mod header;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod property;
mod reader;
mod writer;

use std::net::SocketAddr;

pub use header::{Header, HeaderError, parse};
pub(crate) use reader::{Reader, take};
pub(crate) use writer::EncodedHeader;

/// The two addresses in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The address of the client.
    pub client: SocketAddr,
    /// The address that the client has connected to.
    pub server: SocketAddr,
}
