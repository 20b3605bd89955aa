//! Timeouts per try.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long a worker may take for the head of an answer, from when it was picked. Each piece of the request's
/// body that arrives restarts the time. Then the try has failed and its connection is closed, as with
/// Envoy's `per_try_timeout` and HAProxy's `timeout server`. The client gets 504 unless the request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryTimeout(pub Duration);
