//! The PROXY protocol: how a balancer tells the next one who the client is.
//!
//! A connection begins with a header that names the two ends of the connection it stands for: a
//! line of text in version 1, a binary block in version 2 (haproxy.org, `proxy-protocol.txt`).
//! Anybody can write one, so it counts only where it is ordered, and then it must be there: a
//! connection without one, or with one that makes no sense, is closed.

mod header;
mod reader;
mod writer;

use std::net::SocketAddr;

pub use header::{Fault, Header, parse};
pub(crate) use reader::{Reader, take};

/// The two ends of the connection that a header stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where the client is.
    pub client: SocketAddr,
    /// Where it has connected to.
    pub server: SocketAddr,
}
