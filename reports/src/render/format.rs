//! The formats by name.

use std::fmt;
use std::str::FromStr;

/// What a study can be rendered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Tables for a terminal.
    Text,
    /// One line per trial.
    Csv,
    /// A summary per scenario and strategy.
    Json,
    /// Tables for a README or an issue.
    Markdown,
    /// One self-contained page with charts.
    Html,
    /// Go benchmark lines, a line per trial, for benchstat.
    Benchstat,
    /// Bencher Metric Format.
    Bmf,
    /// What `critcmp --export` writes.
    Critcmp,
    /// JUnit XML: which strategies could be measured.
    Junit,
    /// OpenMetrics text.
    Openmetrics,
}

/// A name that is no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format `{0}`; use one of text, csv, json, markdown, html, benchstat, bmf, \
     critcmp, junit, openmetrics; `evenkeel report` also knows github-action-benchmark"
)]
pub struct UnknownFormat(String);

impl Format {
    /// Every format.
    pub const ALL: [Format; 10] = [
        Format::Text,
        Format::Csv,
        Format::Json,
        Format::Markdown,
        Format::Html,
        Format::Benchstat,
        Format::Bmf,
        Format::Critcmp,
        Format::Junit,
        Format::Openmetrics,
    ];

    /// The name that [`FromStr`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Csv => "csv",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Benchstat => "benchstat",
            Format::Bmf => "bmf",
            Format::Critcmp => "critcmp",
            Format::Junit => "junit",
            Format::Openmetrics => "openmetrics",
        }
    }

    /// Name of the file that such a rendering goes to in the folder of a study.
    pub fn file_name(self) -> &'static str {
        match self {
            Format::Text => "report.txt",
            Format::Csv => "results.csv",
            Format::Json => "summary.json",
            Format::Markdown => "report.md",
            Format::Html => "report.html",
            Format::Benchstat => "benchstat.txt",
            Format::Bmf => "bmf.json",
            Format::Critcmp => "critcmp.json",
            Format::Junit => "junit.xml",
            Format::Openmetrics => "openmetrics.txt",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}
