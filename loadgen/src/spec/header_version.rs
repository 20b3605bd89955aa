//! Versions of the PROXY protocol (haproxy.org, `proxy-protocol.txt`).

/// A version of the PROXY protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderVersion {
    /// A line of text.
    V1,
    /// A binary block.
    V2,
}
