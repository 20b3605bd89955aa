//! Versions of PROXY headers: `v1` or `v2`.

use std::fmt::{self, Display, Formatter};

use clap::ValueEnum;
use evenkeel_loadgen as loadgen;
use evenkeel_strategies::ProxyVersion;
use serde::{Deserialize, Serialize};

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HeaderVersion {
    /// A line of text.
    V1,
    /// A binary block.
    V2,
}

impl From<HeaderVersion> for ProxyVersion {
    fn from(version: HeaderVersion) -> Self {
        match version {
            HeaderVersion::V1 => Self::V1,
            HeaderVersion::V2 => Self::V2,
        }
    }
}

impl From<HeaderVersion> for loadgen::HeaderVersion {
    fn from(version: HeaderVersion) -> Self {
        match version {
            HeaderVersion::V1 => Self::V1,
            HeaderVersion::V2 => Self::V2,
        }
    }
}

impl Display for HeaderVersion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}
