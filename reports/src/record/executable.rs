//! Builds of evenkeel that serve in a study.

use serde::{Deserialize, Serialize};

/// A build of evenkeel that served in a study of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutableRecord {
    /// Its label: `baseline` in `reuseport@baseline`.
    pub label: String,
    /// Absolute path.
    pub path: String,
    /// Version, as it reports it.
    pub version: String,
    /// SHA-256 of its contents in hexadecimal digits, as sha256sum(1) prints it.
    pub sha256: String,
}
