//! The executables that served in a study.

use serde::{Deserialize, Serialize};

/// A build of evenkeel that served in a study of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutableRecord {
    /// What the study calls it: `baseline` in `reuseport@baseline`.
    pub label: String,
    /// Where it was, as an absolute path.
    pub path: String,
    /// Its version, as it says itself.
    pub version: String,
    /// SHA-256 of its contents in hexadecimal digits, as sha256sum(1) prints it.
    pub sha256: String,
}
