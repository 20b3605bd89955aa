//! A summary per scenario and strategy, for other programs.

use serde::Serialize;

use super::RenderError;
use crate::record::Header;
use crate::stats::{self, Completeness, ScenarioSummary};
use crate::study::Study;

#[derive(Serialize)]
struct Summary<'a> {
    header: &'a Header,
    completeness: Completeness<'a>,
    scenarios: Vec<ScenarioSummary<'a>>,
    warnings: &'a [String],
}

pub(super) fn render(study: &Study) -> Result<String, RenderError> {
    let summary = Summary {
        header: &study.header,
        completeness: stats::completeness(study),
        scenarios: stats::summarize(study),
        warnings: &study.warnings,
    };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}
