//! One page with charts that needs no other file.

use super::{FormatInfo, Paint};

/// One page with charts.
pub static HTML: FormatInfo = FormatInfo {
    name: "html",
    file_name: "report.html",
    summary: "One self-contained page with charts",
    paint: Paint::Report(|report, style| report.page(style)),
};
