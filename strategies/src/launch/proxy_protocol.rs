//! What a study requests of the PROXY protocol.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is ordered of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyProtocol {
    /// Whether each connection to the fleet begins with a header, of either version. Whoever
    /// takes the connection in takes it off: the dispatcher, or else the worker.
    pub accept: bool,
    /// The version of the headers with which a layer-4 proxy begins its connections to workers,
    /// if it does. A reverse proxy does not: its connections to workers serve many clients, whom
    /// it names in each request.
    pub send: Option<ProxyVersion>,
    /// How long a client may take to send its header.
    pub header_within: Duration,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self {
            accept: false,
            send: None,
            header_within: HEADER_WITHIN,
        }
    }
}

/// As long as nginx's stream module waits for a header (`proxy_protocol_timeout`).
const HEADER_WITHIN: Duration = Duration::from_secs(30);

impl ProxyProtocol {
    /// For how long whoever takes in clients' connections waits for a header, if one is to come.
    pub(crate) fn clients_header_within(&self) -> Option<Duration> {
        self.accept.then_some(self.header_within)
    }

    /// For how long workers behind a layer-4 proxy wait for its header, if one is to come.
    pub(crate) fn workers_header_within(&self) -> Option<Duration> {
        self.send.map(|_| self.header_within)
    }
}

/// How a header is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProxyVersion {
    /// A line of text.
    V1,
    /// A binary block.
    V2,
}
