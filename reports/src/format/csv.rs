//! Names, and then a record per trial or comparison, for spreadsheets and data frames.

use super::{FormatInfo, Paint};
use crate::error::RenderError;

/// Records with flat columns.
pub static CSV: FormatInfo = FormatInfo {
    name: "csv",
    file_name: "results.csv",
    summary: "One line per trial or comparison, with units in the names",
    paint: Paint::Report(|report, _| write(report.records())),
};

/// A column: its name with the unit, and its value; `None` is an empty cell.
pub(crate) type Column<T> = (&'static str, fn(&T) -> Option<String>);

/// Returns the names of the columns, then a record per item.
pub(crate) fn records<'i, T: 'i>(
    columns: &[Column<T>],
    items: impl Iterator<Item = &'i T>,
) -> Vec<Vec<String>> {
    let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let values = items.map(|item| {
        let values = columns.iter().map(|(_, value)| value(item));
        values.map(Option::unwrap_or_default).collect()
    });
    [names].into_iter().chain(values).collect()
}

fn write(records: Vec<Vec<String>>) -> Result<String, RenderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
