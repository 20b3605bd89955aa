//! Configuration of how long clients may keep a connection.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// After how long, and after how many requests, a connection with a client ends, so that the client connects
/// anew and a worker is chosen for it again. The process that ends clients' connections observes it: the
/// dispatcher of a proxy, otherwise the worker. The answer that reaches a limit is the last one on its connection,
/// and says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionLimits {
    /// How old connections may become.
    pub max_age: Option<MaxAge>,
    /// Maximum number of requests on a connection.
    pub max_requests: Option<NonZeroU32>,
}

/// How old connections may become. Processes look at all connections now and then: an age is found up to an
/// eighth of the age, or of the jitter, too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxAge {
    /// The least age.
    pub least: Duration,
    /// What is added to it at most. How much is drawn evenly for each connection, so that connections that were
    /// opened together do not end together.
    pub jitter: Duration,
    seed: u64,
}

impl MaxAge {
    /// Sets the least age, and what is added to it at most.
    pub fn new(least: Duration, jitter: Duration) -> Self {
        let seed = 0;
        Self {
            least,
            jitter,
            seed,
        }
    }

    /// Returns the seed of the draws, which those who launch a fleet set for each process.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}

impl ConnectionLimits {
    /// Returns these limits for a process, whose ages are drawn from this seed.
    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        if let Some(age) = &mut self.max_age {
            age.seed = seed;
        }
        self
    }
}
