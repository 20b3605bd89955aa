//! What a format is, and what can be written in one.

use std::fmt;

use crate::document::Document;
use crate::error::RenderError;
use crate::study::Study;

/// A format, described where it is implemented.
pub struct FormatInfo {
    /// What `--format` calls it.
    pub name: &'static str,
    /// Name of its file in the folder of a study.
    pub file_name: &'static str,
    /// What it is good for, in one line of `--help`.
    pub summary: &'static str,
    /// How it is written.
    pub paint: Paint,
}

/// How a format is written, and of what.
pub enum Paint {
    /// Any report: a study, two sides or a single load.
    Report(fn(&dyn Report, Style<'_>) -> Result<String, RenderError>),
    /// A study.
    Study(fn(&Study) -> Result<String, RenderError>),
    /// A study, as several files of one folder.
    Files(fn(&Study) -> Result<Vec<File>, RenderError>),
}

/// A file of a report.
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// Its contents.
    pub text: String,
}

/// Results that can be reported.
pub trait Report {
    /// Returns tables and sentences, for readers of text and Markdown.
    fn document(&self, style: Style<'_>) -> Document;

    /// Returns the names of the figures and then the figures, a record each, for CSV.
    fn records(&self) -> Vec<Vec<String>>;

    /// Returns one JSON object.
    ///
    /// # Errors
    /// [`RenderError::Json`] if a figure is not finite.
    fn json(&self, style: Style<'_>) -> Result<String, RenderError>;

    /// Returns one self-contained page with charts.
    ///
    /// # Errors
    /// [`RenderError`] if a histogram cannot be read or a chart cannot be drawn.
    fn page(&self, style: Style<'_>) -> Result<String, RenderError>;

    /// Returns the study if the report is of one whole study.
    fn study(&self) -> Option<&Study> {
        None
    }
}

/// How a report may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style<'a> {
    /// Key of the strategy to which the page first shows ratios; `None` for the leader of each scenario.
    pub baseline: Option<&'a str>,
    /// Whether text may use terminal colours.
    pub color: bool,
    /// Width at which sentences of text wrap, in characters.
    pub width: usize,
    /// Greatest width of a table of text, in characters; columns without room are left out. `None`
    /// keeps all columns.
    pub table_width: Option<usize>,
    /// Whether text has all tables. Otherwise it has the answer alone, if the report has one.
    pub details: bool,
    /// What the commands that a report names call the folder of the study.
    pub folder: &'a str,
}

impl Default for Style<'_> {
    /// No colour, sentences of 100 characters, whole tables, and the answer alone.
    fn default() -> Self {
        Style {
            baseline: None,
            color: false,
            width: 100,
            table_width: None,
            details: false,
            folder: "DIR",
        }
    }
}

impl FormatInfo {
    /// Writes a report as one text.
    ///
    /// # Errors
    /// [`RenderError`] if the format is only for studies, if it needs several files, if a histogram
    /// cannot be read or if a library fails.
    pub fn render(&self, report: &dyn Report, style: Style<'_>) -> Result<String, RenderError> {
        match (&self.paint, report.study()) {
            (Paint::Report(paint), _) => paint(report, style),
            (Paint::Study(paint), Some(study)) => paint(study),
            (Paint::Study(_), None) => Err(RenderError::OnlyOfStudies(self.name)),
            (Paint::Files(_), _) => Err(RenderError::SeveralFiles(self.name)),
        }
    }
}

impl PartialEq for FormatInfo {
    fn eq(&self, other: &FormatInfo) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for FormatInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for FormatInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}
