//! Configuration of the time limits towards clients.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a client may keep a process of the fleet waiting. Workers and dispatchers observe these limits
/// with a tolerance of a quarter, since they look at all connections now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLimits {
    /// Time limit for the head of a request, from its first byte. On a new connection it begins with the
    /// connection.
    pub head: Duration,
    /// How long a kept connection may be idle between two requests.
    pub idle: Duration,
    /// How long the body of a request, or the bytes of an answer, may stand still.
    pub stall: Duration,
}

/// HAProxy's recommendation for the head of a request (`timeout http-request`, configuration manual).
const HEAD: Duration = Duration::from_secs(10);

/// The default of nginx (`keepalive_timeout`). It is longer than the pauses of load at low rates.
const IDLE: Duration = Duration::from_secs(75);

/// As long as for a head. A client that reads slowly, or sends slowly, moves some bytes in this time.
const STALL: Duration = Duration::from_secs(10);

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            head: HEAD,
            idle: IDLE,
            stall: STALL,
        }
    }
}

impl ClientLimits {
    /// Returns the shortest limit.
    pub(crate) fn shortest(&self) -> Duration {
        self.head.min(self.idle).min(self.stall)
    }
}
