//! What builds up to 0.1.0 expect in the configuration of a dispatcher.
//!
//! A study can run dispatchers of an earlier build next to ours (`--executable`). They do not know
//! mechanisms by name: a field `passes` says what they pass on, and to which addresses. The table
//! does not grow, since later builds read the name.

use std::net::SocketAddr;

use serde_json::{Value, json};

const PASSES: [(&str, &str); 4] = [
    ("handoff", "Connections"),
    ("proxy", "Requests"),
    ("splice", "Bytes"),
    ("splice-sockmap", "BytesWithinTheKernel"),
];

/// The field `passes`; null for a mechanism that those builds do not have.
pub(super) fn passes(mechanism: &str, upstreams: &[SocketAddr]) -> Value {
    let known = PASSES.iter().find(|(name, _)| *name == mechanism);
    match known {
        Some((_, passes)) if upstreams.is_empty() => json!(passes),
        Some((_, passes)) => json!({ *passes: upstreams }),
        None => Value::Null,
    }
}
