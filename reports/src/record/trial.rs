//! One trial, and its line in a record.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ChangeRecord, FaultRecord, Measured, TimelineEvent};

/// One strategy under one scenario, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "TrialLine")]
#[schemars(!try_from)] // which only improves errors
pub struct Trial {
    /// Key of the strategy.
    pub strategy: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Number of the block, from 0. People count from 1: [`Trial::block_number`].
    pub block: u32,
    /// Worker processes that were launched; absent if none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// Of a peer: its versions and its configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerRecord>,
    /// Why it was made again; absent the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// What happened to the fleet, in the order of the times; empty if the scenario has no events, and in
    /// older records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<TimelineEvent>,
    /// The changes that the scenario requested, in the order in which they began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeRecord>,
    /// The faults that the scenario requested, in the order in which they were due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRecord>,
    /// Its figures, or why it has none.
    #[serde(flatten)]
    pub result: TrialResult,
}

/// A trial was disturbed, so it was made again. Both are in the record, and the last one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Again {
    /// Number of this attempt, from 2.
    pub attempt: u32,
    /// What disturbed the attempt before.
    pub because: String,
}

/// What came of a trial. In JSON it is the field `skipped`, the field `failed`, or the fields of
/// [`Measured`].
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialResult {
    /// Not run, since this host does not meet a requirement of the strategy; the reason.
    Skipped(String),
    /// Broke off without figures, for example since the fleet did not start; the reason.
    Failed(String),
    /// Ran to its end.
    #[serde(untagged)]
    Measured(Box<Measured>),
}

impl Trial {
    /// Returns the number of the block as people count: from 1.
    pub fn block_number(&self) -> u32 {
        self.block.saturating_add(1)
    }

    /// Returns the figures, if it was measured.
    pub fn measured(&self) -> Option<&Measured> {
        match &self.result {
            TrialResult::Measured(measured) => Some(measured),
            TrialResult::Skipped(_) | TrialResult::Failed(_) => None,
        }
    }

    /// Returns the figures, if it was measured, to change them.
    pub fn measured_mut(&mut self) -> Option<&mut Measured> {
        match &mut self.result {
            TrialResult::Measured(measured) => Some(measured),
            TrialResult::Skipped(_) | TrialResult::Failed(_) => None,
        }
    }

    /// Returns the figures, if they may be compared.
    pub fn valid(&self) -> Option<&Measured> {
        self.measured().filter(|measured| measured.valid)
    }

    /// Number of the attempt, from 1.
    pub fn attempt(&self) -> u32 {
        self.again.as_ref().map_or(1, |again| again.attempt)
    }

    /// Returns why it was skipped.
    pub fn skipped(&self) -> Option<&str> {
        match &self.result {
            TrialResult::Skipped(reason) => Some(reason),
            TrialResult::Failed(_) | TrialResult::Measured(_) => None,
        }
    }

    /// Returns why it failed.
    pub fn failed(&self) -> Option<&str> {
        match &self.result {
            TrialResult::Failed(reason) => Some(reason),
            TrialResult::Skipped(_) | TrialResult::Measured(_) => None,
        }
    }
}

impl From<Measured> for TrialResult {
    fn from(measured: Measured) -> TrialResult {
        TrialResult::Measured(Box::new(measured))
    }
}

/// The line of a trial, its figures still as JSON.
///
/// An enum whose variants are tried one after the other would say only that none fits. This way
/// the error names the figure that is wrong.
#[derive(Deserialize)]
struct TrialLine {
    strategy: String,
    scenario: String,
    block: u32,
    workers: Option<u32>,
    peer: Option<PeerRecord>,
    again: Option<Again>,
    #[serde(default)]
    timeline: Vec<TimelineEvent>,
    #[serde(default)]
    changes: Vec<ChangeRecord>,
    #[serde(default)]
    faults: Vec<FaultRecord>,
    skipped: Option<String>,
    failed: Option<String>,
    #[serde(flatten)]
    figures: Map<String, Value>,
}

impl TryFrom<TrialLine> for Trial {
    type Error = String;

    fn try_from(line: TrialLine) -> Result<Trial, String> {
        let has_figures = line.figures.contains_key("requests");
        let result = match (line.skipped, line.failed) {
            (Some(_), Some(_)) => {
                return Err("a trial was either skipped or failed, not both".into());
            }
            (Some(_), None) | (None, Some(_)) if has_figures => {
                return Err("a trial that was skipped or failed has no figures".into());
            }
            (Some(reason), None) => TrialResult::Skipped(reason),
            (None, Some(reason)) => TrialResult::Failed(reason),
            (None, None) => serde_json::from_value::<Measured>(line.figures.into())
                .map_err(|error| format!("figures of `{}`: {error}", line.strategy))?
                .into(),
        };
        Ok(Trial {
            strategy: line.strategy,
            scenario: line.scenario,
            block: line.block,
            workers: line.workers,
            peer: line.peer,
            again: line.again,
            timeline: line.timeline,
            changes: line.changes,
            faults: line.faults,
            result,
        })
    }
}

/// A peer as it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
