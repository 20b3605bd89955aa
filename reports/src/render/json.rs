//! A summary per scenario and strategy, for other programs.

use serde::Serialize;

use super::systems;
use crate::compare::PeerComparison;
use crate::error::RenderError;
use crate::record::Header;
use crate::stats::{self, Completeness, ScenarioSummary, System};
use crate::study::Study;

#[derive(Serialize)]
struct Summary<'a> {
    header: &'a Header,
    completeness: Completeness<'a>,
    scenarios: Vec<ScenarioSummary<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    systems: Vec<System<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beside_systems: Vec<PeerComparison<'a>>,
    warnings: &'a [String],
}

pub(super) fn render(study: &Study) -> Result<String, RenderError> {
    let summary = Summary {
        header: &study.header,
        completeness: stats::completeness(study),
        scenarios: stats::summarize(study),
        systems: stats::systems(study),
        beside_systems: systems::compared(study),
        warnings: &study.warnings,
    };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}
