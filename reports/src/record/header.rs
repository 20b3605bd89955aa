//! The first line of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PlanRecord;

/// The plan of a study, the host, and the version that measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Format of this file, [`SCHEMA_VERSION`](super::SCHEMA_VERSION).
    pub schema: u32,
    /// Version of the program that measured.
    pub evenkeel: String,
    /// SHA-256 of that program in hexadecimal digits, which distinguishes builds of one version;
    /// absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When the study began, seconds since the Unix epoch.
    pub started_unix_s: u64,
    /// The command line, so that the study can be repeated.
    pub command: Vec<String>,
    /// The plan.
    pub plan: PlanRecord,
    /// The machine.
    pub host: HostRecord,
}

/// The machine on which a study ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostRecord {
    /// Kernel release, as `uname -r` prints it.
    pub kernel: String,
    /// Processor model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Number of CPUs that the program may use.
    pub cpus: usize,
    /// Main memory, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Whether connections of a SO_REUSEPORT listener that is closed go to another one
    /// (`net.ipv4.tcp_migrate_req`); absent in older records, and where the kernel cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrates: Option<bool>,
    /// Why system calls of fleets are not counted on this host; absent if they are, and in older
    /// records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_calls_uncounted: Option<String>,
    /// What disturbs measurements on this host, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}
