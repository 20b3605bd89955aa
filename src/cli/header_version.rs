//! `v1` or `v2`: how a PROXY header is written.

use clap::ValueEnum;
use evenkeel_strategies::proxy_protocol::Version;

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderVersion {
    /// A line of text.
    V1,
    /// A binary block.
    V2,
}

impl From<HeaderVersion> for Version {
    fn from(version: HeaderVersion) -> Self {
        match version {
            HeaderVersion::V1 => Self::V1,
            HeaderVersion::V2 => Self::V2,
        }
    }
}
