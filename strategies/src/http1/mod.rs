//! What HTTP/1.1 demands of a message. The proxy, on both its paths, the workers and the checks of other
//! systems use it.
//!
//! Everything here is a pure function over a parsed head (RFC 9110 and RFC 9112).

pub(crate) mod answer_head;
pub(crate) mod fields;
pub(crate) mod forwarded;
pub(crate) mod framing;
pub(crate) mod host;
mod node;
pub(crate) mod request;
pub(crate) mod trailers;
