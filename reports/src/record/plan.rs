//! The plan of a study.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Expectation, Extension, ScenarioRecord};

/// The plan of a study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRecord {
    /// Strategies, in the order of the reports.
    pub strategies: Vec<StrategyRecord>,
    /// Absolute paths of the recipes that are not built in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// Builds of evenkeel that serve, the baseline first; empty if the program that measures also
    /// serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executables: Vec<ExecutableRecord>,
    /// Variants of the fleet, the first one as the baseline; empty if there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantRecord>,
    /// Scenarios, in the order of the reports.
    pub scenarios: Vec<ScenarioRecord>,
    /// Number of blocks. With a `precision` it is the least number; once read back, the number of
    /// blocks that were begun.
    pub blocks: u32,
    /// The study ends when no confidence interval reaches farther up from its ratio than this share,
    /// 0.03 for 3%; absent if the number of blocks is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Time after which no further block is begun, seconds; only with a `precision`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_time_s: Option<f64>,
    /// Differences up to this share do not matter, 0.02 for 2%; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Number of worker processes per fleet.
    pub workers: u32,
    /// Command line of the program that workers run; absent if it is evenkeel's own worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_command: Option<String>,
    /// Number of dispatcher processes per fleet, for mechanisms that have any.
    pub dispatchers: u32,
    /// Limit of requests in flight per worker, for policies that have one; absent if it is 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_in_flight: Option<u32>,
    /// Weight of each worker, for policies that use weights; absent if all are equal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<u32>,
    /// Measured time per trial, seconds, under scenarios that have none of their own.
    pub duration_s: f64,
    /// Warm-up before the measured time, seconds, under scenarios that have none of their own.
    pub warmup_s: f64,
    /// Seed of the order of trials, of arrivals and of work.
    pub seed: u64,
    /// CPUs of dispatcher and workers.
    pub server_cpus: Vec<usize>,
    /// CPUs of the load generator.
    pub load_cpus: Vec<usize>,
    /// Whether CPUs were kept from sleeping between requests.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_awake: bool,
    /// What was expected of the results before the study ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// How the plan grew when the study was resumed, oldest first. Blocks and scenarios hold it already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    /// Settings that reports do not use.
    #[serde(flatten)]
    pub further: serde_json::Map<String, serde_json::Value>,
}

impl PlanRecord {
    /// The labels of what serves every strategy, the baseline first: builds, or variants of the fleet.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        let builds = self.executables.iter().map(|build| build.label.as_str());
        builds.chain(self.variants.iter().map(|variant| variant.name.as_str()))
    }

    /// Measured time per trial under one of the scenarios, seconds.
    pub fn duration_s(&self, scenario: &ScenarioRecord) -> f64 {
        scenario.duration_s.unwrap_or(self.duration_s)
    }

    /// Warm-up before the measured time under one of the scenarios, seconds.
    pub fn warmup_s(&self, scenario: &ScenarioRecord) -> f64 {
        scenario.warmup_s.unwrap_or(self.warmup_s)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// A variant of the fleet, with which every strategy took part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantRecord {
    /// Its name.
    pub name: String,
    /// Its settings.
    #[serde(flatten)]
    pub fleet: serde_json::Map<String, serde_json::Value>,
}

/// A strategy, as reports name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyRecord {
    /// Stable key, such as `handoff:sticky`.
    pub key: String,
    /// Name of the mechanism, with which the key begins; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// What similar strategies share, so that reports show them alike, such as `handoff` or
    /// `peer:nginx`; absent in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// How it works, one sentence.
    pub summary: String,
    /// Of a peer, the keys of its counterparts among our own strategies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counterparts: Vec<String>,
}

impl StrategyRecord {
    fn mechanism(&self) -> &str {
        let of_key = || self.key.split([':', '@']).next().unwrap_or_default();
        self.mechanism.as_deref().unwrap_or_else(of_key)
    }

    /// Returns the family; in older records it is the mechanism.
    pub(crate) fn family(&self) -> &str {
        let mechanism = || self.mechanism();
        self.family.as_deref().unwrap_or_else(mechanism)
    }

    /// Returns the key without the mechanism: `nginx-proxy:sticky` of `peer:nginx-proxy:sticky`. Without
    /// anything else, the key is the mechanism.
    pub(crate) fn short_key(&self) -> &str {
        let rest = self.key.strip_prefix(self.mechanism());
        let rest = rest.and_then(|rest| rest.strip_prefix(':'));
        rest.unwrap_or(&self.key)
    }
}

/// A build of evenkeel that served in a study of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
