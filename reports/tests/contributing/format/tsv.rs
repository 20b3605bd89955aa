//! Tab-separated figures, to paste into a spreadsheet.

use super::{FormatInfo, Paint};

pub(super) static TSV: FormatInfo = FormatInfo {
    name: "tsv",
    file_name: "results.tsv",
    summary: "One line per trial or comparison, with tabs, to paste into a spreadsheet",
    paint: Paint::Report(|report, _style| {
        let lines = report.records().into_iter().map(|record| {
            let cells = record.iter().map(|cell| cell.replace(['\t', '\n'], " "));
            cells.collect::<Vec<_>>().join("\t") + "\n"
        });
        Ok(lines.collect())
    }),
};
