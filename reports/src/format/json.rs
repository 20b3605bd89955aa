//! One object with all figures, for other programs.

use serde::Serialize;

use super::{FormatInfo, Paint};
use crate::error::RenderError;

/// One object.
pub static JSON: FormatInfo = FormatInfo {
    name: "json",
    file_name: "summary.json",
    summary: "One object with the figures, for other programs",
    paint: Paint::Report(|report, style| report.json(style)),
};

/// Returns a value as indented JSON, with a line break at the end.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, RenderError> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
