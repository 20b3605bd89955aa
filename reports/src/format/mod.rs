//! Formats of reports: a file each, and one list.

mod benchstat;
mod bmf;
mod critcmp;
mod csv;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
pub(crate) mod measures;
mod openmetrics;
mod registry;
mod text;

pub(crate) use csv::{Column, names, records, values};
pub(crate) use json::to_json;
pub(crate) use text::clean;

pub use csv::CSV;
pub use html::HTML;
pub use json::JSON;
pub use markdown::MARKDOWN;
pub use registry::{File, FormatInfo, Paint, Report, Style};
pub use text::TEXT;

/// What the command line, help texts and errors call a format.
pub type Format = &'static FormatInfo;

/// Every format. The first is the default.
pub static FORMATS: &[Format] = &[
    &TEXT,
    &CSV,
    &JSON,
    &MARKDOWN,
    &HTML,
    &benchstat::BENCHSTAT,
    &bmf::BMF,
    &critcmp::CRITCMP,
    &junit::JUNIT,
    &openmetrics::OPENMETRICS,
    &github::GITHUB_ACTION_BENCHMARK,
];

/// Returns the format with this name.
pub fn find(name: &str) -> Option<Format> {
    FORMATS.iter().copied().find(|format| format.name == name)
}
