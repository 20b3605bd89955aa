//! Which columns of a table have room, and how wide they are.

use super::clean;
use crate::table::{Column, ColumnKind, Row, Table, Tone, groups};

pub(super) const GAP: &str = "  ";

/// Fewest characters in which lengths can be compared by eye.
const SHORTEST_BAR: usize = 4;

/// Most characters of a bar: beyond that it shows no more.
const LONGEST_BAR: usize = 40;

/// A table as it is written: the columns that have room.
pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// Widths of the columns, in characters.
    pub(super) widths: Vec<usize>,
    /// Texts of the rows, a cell per column.
    pub(super) rows: Vec<Vec<(String, Tone)>>,
    /// The columns without room.
    left_out: Vec<Column>,
}

impl Layout {
    /// Returns the table with as many columns as have room, in characters; those that do not give
    /// way are always kept.
    pub(super) fn of(table: &Table, room: Option<usize>) -> Layout {
        let mut layout = Layout::with(table, SHORTEST_BAR);
        let mut kept: Vec<usize> = (0..table.columns.len()).collect();
        while room.is_some_and(|room| layout.width() > room) {
            let gives_way = |column: usize| table.columns[column].gives_way;
            let candidates = kept.iter().map(|column| gives_way(*column));
            let Some(first) = candidates.max().filter(|first| *first > 0) else {
                break;
            };
            kept.retain(|column| gives_way(*column) != first);
            layout = Layout::with(
                &table.with_columns(|column| kept.contains(&column)),
                SHORTEST_BAR,
            );
        }
        let shown = table.with_columns(|column| kept.contains(&column));
        if let Some(bar) = longer_bar(&shown, layout.width(), room) {
            layout = Layout::with(&shown, bar);
        }
        let out = table.columns.iter().enumerate();
        let out = out.filter(|(column, _)| !kept.contains(column));
        layout.left_out = out.map(|(_, column)| column.clone()).collect();
        layout
    }

    fn with(table: &Table, bar: usize) -> Layout {
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|row| texts(table, row, bar))
            .collect();
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

    /// Names of the columns without room, each once. With `only_figures`, intervals and bars are not
    /// among them, which only add to a figure.
    pub(super) fn left_out(&self, only_figures: bool) -> Vec<String> {
        let adds = |column: &Column| matches!(column.kind, ColumnKind::Interval | ColumnKind::Bar);
        let columns = self.left_out.iter();
        let named = columns.filter(|column| !(only_figures && adds(column)));
        let mut names: Vec<String> = Vec::new();
        for name in named.map(Column::full_name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
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
                ColumnKind::Words | ColumnKind::Bar => show(text, tone) + &blanks,
                ColumnKind::Number | ColumnKind::Interval => blanks + &show(text, tone),
            }
        });
        cells.collect::<Vec<_>>().join(GAP)
    }
}

/// The texts of a row. In a column with marks, a cell without one has space for it, so that figures
/// are aligned.
fn texts(table: &Table, row: &Row, bar: usize) -> Vec<(String, Tone)> {
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
        let text = match (table.columns[column].kind, cell.value) {
            (ColumnKind::Bar, Some(length)) => drawn(length, bar),
            _ => clean(&cell.text),
        };
        (text + &mark, cell.tone)
    });
    cells.collect()
}

/// Returns how long bars can be if they share the room that is left, in characters; `None` if there are
/// none.
fn longer_bar(table: &Table, width: usize, room: Option<usize>) -> Option<usize> {
    let bars = table
        .columns
        .iter()
        .filter(|column| column.kind == ColumnKind::Bar);
    let spare = room?.saturating_sub(width).checked_div(bars.count())?;
    Some((SHORTEST_BAR + spare).min(LONGEST_BAR))
}

/// A bar of a share of so many characters, in eighths of a character.
fn drawn(share: f64, characters: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    // At least one eighth: what was measured can be seen.
    let eighths = (share * 8.0 * characters as f64).round().max(1.0) as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// Width of neighbouring columns with the gaps between them.
fn spanned(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}
