//! Which columns of a table have room, and how wide they are.

use super::clean;
use crate::table::{Column, ColumnKind, Row, Table, Tone, groups};

pub(super) const GAP: &str = "  ";

/// A table as it is written: the columns that have room.
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// Widths of the columns, in characters.
    pub(super) widths: Vec<usize>,
    /// Texts of the rows, a cell per column.
    pub(super) rows: Vec<Vec<(String, Tone)>>,
    /// Names of the columns without room.
    pub(super) left_out: Vec<String>,
}

impl Layout {
    /// Returns the table with as many columns as have room, in characters; those that do not give
    /// way are always kept.
    pub(super) fn of(table: &Table, room: Option<usize>) -> Layout {
        let mut layout = Layout::with(table);
        let mut kept: Vec<usize> = (0..table.columns.len()).collect();
        while room.is_some_and(|room| layout.width() > room) {
            let gives_way = |column: &usize| table.columns[*column].gives_way;
            let candidates = kept.iter().copied().filter(|column| gives_way(column) > 0);
            let Some(least) = candidates.max_by_key(gives_way) else {
                break;
            };
            kept.retain(|column| *column != least);
            layout = Layout::with(&table.with_columns(|column| kept.contains(&column)));
        }
        let out = (0..table.columns.len()).filter(|column| !kept.contains(column));
        for name in out.map(|column| table.columns[column].full_name()) {
            if !layout.left_out.contains(&name) {
                layout.left_out.push(name);
            }
        }
        layout
    }

    fn with(table: &Table) -> Layout {
        let rows: Vec<_> = table.rows.iter().map(|row| texts(table, row)).collect();
        let width = |(column, head): (usize, &Column)| {
            let cells = rows.iter().map(|row| row[column].0.as_str());
            let widths = cells.chain([&*head.name]).map(|text| text.chars().count());
            widths.max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = table.columns.iter().enumerate().map(width).collect();
        let mut first = 0;
        for (group, span) in groups(&table.columns) {
            let width = spanned(&widths[first..first + span]);
            // A heading that is wider than its columns widens the first of them.
            widths[first] += group.chars().count().saturating_sub(width);
            first += span;
        }
        Layout {
            columns: table.columns.clone(),
            widths,
            rows,
            left_out: Vec::new(),
        }
    }

    pub(super) fn width(&self) -> usize {
        spanned(&self.widths)
    }

    /// The headings of groups, each centred over its columns; `None` if there is no group.
    pub(super) fn group_line(&self) -> Option<String> {
        let groups = groups(&self.columns);
        groups.iter().find(|(group, _)| !group.is_empty())?;
        let mut line = String::new();
        let mut first = 0;
        for (group, span) in groups {
            let width = spanned(&self.widths[first..first + span]);
            line.push_str(&format!("{group:^width$}{GAP}"));
            first += span;
        }
        Some(line)
    }

    /// One line: a text per column, aligned, and shown as `show` has it.
    pub(super) fn line<'t>(
        &self,
        cells: impl Iterator<Item = (&'t str, Tone)>,
        show: impl Fn(&str, Tone) -> String,
    ) -> String {
        let columns = self.columns.iter().zip(&self.widths);
        let cells = columns.zip(cells).map(|((column, width), (text, tone))| {
            let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
            match column.kind {
                ColumnKind::Words => show(text, tone) + &blanks,
                ColumnKind::Number | ColumnKind::Interval => blanks + &show(text, tone),
            }
        });
        cells.collect::<Vec<_>>().join(GAP)
    }
}

/// The texts of a row. In a column with marks, a cell without one has space for it, so that figures
/// are aligned.
fn texts(table: &Table, row: &Row) -> Vec<(String, Tone)> {
    let cells = row.cells.iter().enumerate().map(|(column, cell)| {
        let is_marked = table
            .rows
            .iter()
            .any(|row| row.cells[column].mark.is_some());
        let mark = match &cell.mark {
            Some(mark) => format!(" {}", mark.sign),
            None if is_marked => GAP.to_owned(),
            None => String::new(),
        };
        (clean(&cell.text) + &mark, cell.tone)
    });
    cells.collect()
}

/// Width of neighbouring columns with the gaps between them.
fn spanned(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}
