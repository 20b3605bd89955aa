//! Tables of cells that are text, the first of them to the left.

use super::{Page, clean};
use crate::render::columns::GAP;

impl Page<'_> {
    /// Shows the lines under the names of the columns, as many columns as have room: of each its
    /// name and when it gives way, the highest number first, 0 never. Returns the names of the others.
    pub(super) fn grid<'n, L: AsRef<[String]>>(
        &mut self,
        columns: &[(&'n str, u8)],
        lines: &[L],
    ) -> Vec<&'n str> {
        let names: Vec<String> = columns.iter().map(|(name, _)| clean(name)).collect();
        let cleaned = |line: &L| line.as_ref().iter().map(|text| clean(text)).collect();
        let lines = lines.iter().map(cleaned);
        let all: Vec<Vec<String>> = std::iter::once(names).chain(lines).collect();
        let shown = with_room(columns, &all, self.style.table_width);
        for line in &all {
            let cells = shown.iter().map(|&column| {
                let (text, width) = (&line[column], width(&all, column));
                match column {
                    0 => format!("{text:width$}"),
                    _ => format!("{:GAP$}{text:>width$}", ""),
                }
            });
            self.line(&cells.collect::<String>());
        }
        let others = (0..columns.len()).filter(|column| !shown.contains(column));
        others.map(|column| columns[column].0).collect()
    }
}

/// The columns that have room, by their numbers.
fn with_room(columns: &[(&str, u8)], lines: &[Vec<String>], room: Option<usize>) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let all = |columns: &[usize]| -> usize {
        let widths = columns.iter().map(|column| width(lines, *column) + GAP);
        widths.sum::<usize>() - GAP
    };
    while room.is_some_and(|room| all(&shown) > room) {
        let may_go = shown.iter().copied().filter(|c| columns[*c].1 > 0);
        let Some(least) = may_go.max_by_key(|column| columns[*column].1) else {
            break;
        };
        shown.retain(|column| *column != least);
    }
    shown
}

fn width(lines: &[Vec<String>], column: usize) -> usize {
    let widths = lines.iter().map(|cells| cells[column].chars().count());
    widths.max().unwrap_or(0)
}
