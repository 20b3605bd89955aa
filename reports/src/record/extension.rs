//! A change of the plan of a study that was resumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PlanRecord, ScenarioRecord};

/// More blocks or more scenarios for a study that was resumed. It is a line of the record, before the
/// trials that it adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Extension {
    /// When the study was extended, seconds since the Unix epoch.
    pub at_unix_s: u64,
    /// The command line.
    pub command: Vec<String>,
    /// Number of blocks from now on; absent if it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<u32>,
    /// Scenarios that were added, in the order of the reports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioRecord>,
}

impl PlanRecord {
    /// Extends the plan.
    pub fn extend(&mut self, extension: Extension) {
        self.blocks = extension.blocks.unwrap_or(self.blocks);
        self.scenarios.extend(extension.scenarios.iter().cloned());
        self.extensions.push(extension);
    }
}
