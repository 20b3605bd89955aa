//! Configuration of the PROXY protocol.

use std::time::Duration;

use evenkeel_common::ProxyVersion;
use serde::{Deserialize, Serialize};

use super::client_limits::ClientLimits;

/// Configuration of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyProtocol {
    /// Whether each connection to the fleet begins with a header of either version. The process that
    /// accepts the connection removes it: the dispatcher, or the worker if there is none.
    pub accept: bool,
    /// The version of the header that a layer-4 proxy sends on connections to workers, if any. A
    /// reverse proxy sends none: its connections to workers serve many clients, and each request names
    /// its client.
    pub send: Option<ProxyVersion>,
    /// Time limit for a client to send its header.
    pub header_within: Duration,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self {
            accept: false,
            send: None,
            header_within: ClientLimits::default().head,
        }
    }
}

impl ProxyProtocol {
    /// Returns the time limit for headers of clients, if there are headers.
    pub(crate) fn clients_header_within(&self) -> Option<Duration> {
        self.accept.then_some(self.header_within)
    }

    /// Returns the time limit for headers of a layer-4 proxy, if it sends headers.
    pub(crate) fn workers_header_within(&self) -> Option<Duration> {
        self.send.map(|_| self.header_within)
    }
}
