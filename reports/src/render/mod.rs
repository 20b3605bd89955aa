//! A study in one of the formats, a file each.

mod benchstat;
mod bmf;
mod columns;
mod contest;
mod costs;
mod critcmp;
pub(crate) mod csv;
mod format;
mod github;
pub(crate) mod html;
mod json;
mod junit;
pub(crate) mod markdown;
pub(crate) mod measures;
mod openmetrics;
pub(crate) mod systems;
mod table;
mod text;
mod theory;
mod words;

pub(crate) use text::clean;

pub use format::{Format, UnknownFormat};
pub use github::github_action_benchmark;

use crate::error::RenderError;
use crate::stats;
use crate::study::Study;

/// How a rendering may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style<'a> {
    /// Key of the strategy to which ratios are shown at first in [`Format::Html`]; `None` for the
    /// first of the plan. Others can be chosen on the page.
    pub baseline: Option<&'a str>,
    /// Whether terminal colours may be used in [`Format::Text`].
    pub color: bool,
    /// Characters to wrap sentences of text at.
    pub width: usize,
    /// Characters that a table of text may be wide; what has no room is left out. `None` keeps it whole.
    pub table_width: Option<usize>,
}

impl Default for Style<'_> {
    /// Without colour, sentences 100 characters wide, tables whole.
    fn default() -> Self {
        Style {
            baseline: None,
            color: false,
            width: 100,
            table_width: None,
        }
    }
}

/// Renders a study.
///
/// # Errors
/// If a histogram of the study cannot be used or the drawing or writing library fails.
pub fn render(study: &Study, format: Format, style: Style<'_>) -> Result<String, RenderError> {
    match format {
        Format::Benchstat => Ok(benchstat::render(study)),
        Format::Bmf => bmf::render(study),
        Format::Critcmp => critcmp::render(study),
        Format::Csv => csv::render(study),
        Format::Html => html::render(study, style.baseline),
        Format::Json => json::render(study),
        Format::Junit => Ok(junit::render(study)),
        Format::Markdown => Ok(markdown::render(study, &stats::summarize(study))),
        Format::Openmetrics => Ok(openmetrics::render(study)),
        Format::Text => Ok(text::render(study, &stats::summarize(study), style)),
    }
}
