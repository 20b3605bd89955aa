//! What happened to the fleet of a trial.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that happened to the fleet of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEvent {
    /// When, seconds since the measured time began; negative before it.
    pub at_s: f64,
    /// What: `fork`, `online`, `listening`, `admitted`, `stalled`, `recovered`, `rescued`, `ejected`,
    /// `returned`, `draining`, `closing`, `exit`, `respawn` or `gave-up` of a process; `answered`, when clients
    /// first had an answer of it; `began` or `ended` of a change; `fault-began` or `fault-ended`.
    pub event: String,
    /// Number of the worker; absent if it is about another process or a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u32>,
    /// Which process in the place of the worker, or of the dispatcher, it is, from 0; absent of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// Its process; absent if there is none, or none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// Of an exit, whether it was requested; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended: Option<bool>,
    /// More about it, such as the exit code, or what the change is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Returns the name of the event from which on a worker may be chosen: that it was admitted. A peer is seen only
/// from outside; of its workers it is that they were found to be ready.
pub(crate) fn chosen_from(timeline: &[TimelineEvent]) -> &'static str {
    const ADMITTED: &str = "admitted";
    match timeline.iter().any(|event| event.event == ADMITTED) {
        true => ADMITTED,
        false => "listening",
    }
}

/// A change of the fleet that the scenario requested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeRecord {
    /// What was changed, such as `reload` or `scale to 8 workers`.
    pub what: String,
    /// When it was due, seconds since the measured time began.
    pub due_s: f64,
    /// When it began. It waits until the change before it is complete.
    pub began_s: f64,
    /// When it was complete, or had failed.
    pub ended_s: f64,
    /// Why it failed; absent if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl ChangeRecord {
    /// How long it took, seconds.
    pub(crate) fn took_s(&self) -> f64 {
        self.ended_s - self.began_s
    }
}
