//! Why a report could not be written.

use crate::histogram::HistogramError;

/// A study could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A latency histogram could not be used.
    #[error("{strategy} under {scenario}: {source}")]
    Histogram {
        /// Key of the strategy.
        strategy: String,
        /// Name of the scenario.
        scenario: String,
        /// What is wrong.
        source: HistogramError,
    },
    /// A chart could not be drawn.
    #[error(
        "the chart {chart} could not be drawn: {reason}; the other formats have the same figures"
    )]
    Chart {
        /// Name of the chart.
        chart: String,
        /// Message of the drawing library.
        reason: String,
    },
    /// CSV could not be written.
    #[error("CSV could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// JSON could not be written.
    #[error("JSON could not be written: {0}")]
    Json(#[from] serde_json::Error),
    /// A page could not be built from its templates.
    #[error("the page could not be written: {0}")]
    Page(#[from] minijinja::Error),
    /// The format is only for studies.
    #[error("format `{0}` is only for studies; choose text, markdown, csv, json or html")]
    OnlyOfStudies(&'static str),
    /// The format needs a folder.
    #[error("format `{0}` is several files; give the folder for them with -o")]
    SeveralFiles(&'static str),
}
