//! A peer as it was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A peer as it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerRecord {
    /// Versions of its parts by name: `nginx` to `1.22.1`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// Its configuration as it was rendered for this trial, by file name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub configuration: BTreeMap<String, String>,
    /// How it differs from evenkeel's own worker, one sentence each; empty if it is in parity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}
