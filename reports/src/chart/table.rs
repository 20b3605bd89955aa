//! Figures behind a chart.

use crate::table::ABSENT;

/// Figures behind a chart, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Headings; that of the first column says what the rows are.
    pub(crate) head: Vec<String>,
    /// Rows, each as long as the headings.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Table {
        Table {
            head: head.map(str::to_owned).into(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(str::to_owned).into());
    }
}

/// Returns the text of a figure, or [`ABSENT`].
pub(super) fn or_absent<T>(figure: Option<T>, text: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| ABSENT.to_owned(), text)
}
