//! What is told of a system that is not evenkeel's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Another system as it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRecord {
    /// Versions of what it consists of, by name: `nginx` to `1.22.1`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// Its configuration as it was rendered for this trial, by the names of its files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub configuration: BTreeMap<String, String>,
    /// In what it differs from evenkeel's own worker, one sentence each; none if it is in parity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}
