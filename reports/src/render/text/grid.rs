//! Tables of cells that are text, the first of them to the left.

use super::{Page, clean};
use crate::render::columns::GAP;

impl Page<'_> {
    /// Shows the lines under the names of the columns, as many columns as have room: of each its
    /// name and when it gives way, the highest number first, 0 never.
    pub(super) fn grid<const N: usize>(
        &mut self,
        columns: &[(&str, u8); N],
        lines: &[[String; N]],
    ) {
        let names = columns.map(|(name, _)| name.to_owned());
        let all = std::iter::once(&names).chain(lines);
        let all: Vec<[String; N]> = all.map(|line| line.each_ref().map(|t| clean(t))).collect();
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
    }
}

/// The columns that have room, by their numbers.
fn with_room<const N: usize>(
    columns: &[(&str, u8); N],
    lines: &[[String; N]],
    room: Option<usize>,
) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..N).collect();
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

fn width<const N: usize>(lines: &[[String; N]], column: usize) -> usize {
    let widths = lines.iter().map(|cells| cells[column].chars().count());
    widths.max().unwrap_or(0)
}
