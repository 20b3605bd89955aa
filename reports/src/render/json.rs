//! A summary per scenario and strategy, for other programs.

use serde::Serialize;

use super::RenderError;
use crate::record::Header;
use crate::stats::{self, ScenarioSummary};
use crate::study::Study;

#[derive(Serialize)]
struct Summary<'a> {
    header: &'a Header,
    scenarios: Vec<ScenarioSummary<'a>>,
    warnings: &'a [String],
}

pub(super) fn render(study: &Study) -> Result<String, RenderError> {
    let summary = Summary {
        header: &study.header,
        scenarios: stats::summarize(study),
        warnings: &study.warnings,
    };
    Ok(serde_json::to_string_pretty(&summary)? + "\n")
}
