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
pub(crate) type Column<T, V> = (&'static str, fn(&T) -> Option<V>);

pub(crate) fn names<T, V>(columns: &[Column<T, V>]) -> Vec<String> {
    columns.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Returns the values of an item; all cells are empty if there is no item.
pub(crate) fn values<T, V: ToString>(columns: &[Column<T, V>], item: Option<&T>) -> Vec<String> {
    let cells = columns.iter().map(|(_, value)| value(item?));
    cells
        .map(|cell| cell.map_or(String::new(), |value| value.to_string()))
        .collect()
}

/// Returns the names of the columns, then a record per item.
pub(crate) fn records<'i, T: 'i>(
    columns: &[Column<T, String>],
    items: impl Iterator<Item = &'i T>,
) -> Vec<Vec<String>> {
    let records = items.map(|item| values(columns, Some(item)));
    [names(columns)].into_iter().chain(records).collect()
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
