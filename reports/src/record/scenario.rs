//! A scenario of a study.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario, as reports name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRecord {
    /// Short name, such as `short-lived`.
    pub name: String,
    /// What it stands for, one sentence.
    pub summary: String,
    /// Whether arrivals wait for answers.
    pub loop_kind: LoopKind,
    /// The load that is offered, such as `8 connections (instead of 64)`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub load: String,
    /// Properties that were overridden.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Measured time of a trial, seconds; absent if it is that of the study, and in older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_s: Option<f64>,
    /// Warm-up before the measured time, seconds; absent if it is that of the study, and in older
    /// records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup_s: Option<f64>,
    /// The whole scenario as it ran, as TOML, so that it can run again.
    pub toml: String,
}

/// A property of a scenario that the command line or a study file overrides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Override {
    /// Name of the property, such as `connections`.
    pub what: String,
    /// Requested value.
    #[serde(rename = "ordered")]
    pub requested: String,
    /// Value in the scenario.
    pub instead_of: String,
}

/// Whether arrivals wait for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoopKind {
    /// A fixed number of connections, each of which sends its next request when it has its answer.
    Closed,
    /// Requests are sent on a schedule; latency counts from the intended time.
    Open,
}
