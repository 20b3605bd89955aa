//! Which columns of a text table have room, and how wide they are.

use super::table::{self, COLUMNS, Row};

/// Blanks between columns.
pub(super) const GAP: usize = 2;

/// The columns that are shown, by their numbers, and their widths in characters.
pub(super) struct Layout {
    pub(super) columns: Vec<usize>,
    pub(super) widths: Vec<usize>,
}

impl Layout {
    /// As many columns as have room, the most important ones at least.
    pub(super) fn of(rows: &[Row], room: Option<usize>) -> Layout {
        let mut layout = Layout::with(rows, table::all());
        while room.is_some_and(|room| layout.width() > room) {
            let Some(least) = layout.least_important() else {
                break;
            };
            layout.columns.retain(|column| *column != least);
            layout = Layout::with(rows, layout.columns);
        }
        layout
    }

    fn with(rows: &[Row], columns: Vec<usize>) -> Layout {
        let mut widths: Vec<usize> = columns
            .iter()
            .map(|column| width_of_column(rows, *column))
            .collect();
        let mut first = 0;
        for (group, span) in table::groups(&columns) {
            let width = spanned(&widths[first..first + span]);
            // A heading that is wider than its columns widens the first of them.
            widths[first] += group.chars().count().saturating_sub(width);
            first += span;
        }
        Layout { columns, widths }
    }

    fn least_important(&self) -> Option<usize> {
        let rank = |column: &usize| COLUMNS[*column].gives_way;
        let may_go = self
            .columns
            .iter()
            .copied()
            .filter(|column| rank(column) > 0);
        may_go.max_by_key(rank)
    }

    /// Width of the whole table.
    pub(super) fn width(&self) -> usize {
        spanned(&self.widths)
    }

    /// The headings of groups, each centred over its columns.
    pub(super) fn group_line(&self) -> String {
        let mut line = String::new();
        let mut first = 0;
        for (group, span) in table::groups(&self.columns) {
            let width = spanned(&self.widths[first..first + span]);
            line.push_str(&format!("{group:^width$}{:GAP$}", ""));
            first += span;
        }
        line
    }

    /// What had no room, such as `fairness conns`.
    pub(super) fn left_out(&self) -> Vec<String> {
        let is_out = |column: &usize| !self.columns.contains(column);
        let out = table::all().into_iter().filter(is_out);
        out.map(|column| format!("{} {}", COLUMNS[column].group, COLUMNS[column].name))
            .collect()
    }
}

/// Width of neighbouring columns with the gaps between them.
fn spanned(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

fn width_of_column(rows: &[Row], column: usize) -> usize {
    let cells = rows.iter().map(|row| row.cells[column].text.as_str());
    let texts = cells.chain([COLUMNS[column].name]);
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}
