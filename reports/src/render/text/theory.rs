//! The testbed against queueing theory, as tables for a terminal.

use super::{BOLD, Page, clean};
use crate::render::columns::GAP;
use crate::render::theory::{self, COLUMNS, Row};
use crate::stats::ScenarioSummary;

type Cells = [String; COLUMNS.len()];

impl Page<'_> {
    /// The section, if the study has waits.
    pub(super) fn theory(&mut self, summaries: &[ScenarioSummary]) {
        let tables = summaries.iter().map(|s| (s, theory::rows(s)));
        let tables: Vec<_> = tables.filter(|(_, rows)| !rows.is_empty()).collect();
        if tables.is_empty() {
            return;
        }
        let title = self.paint(BOLD, theory::TITLE);
        self.line(&title);
        for text in theory::LEGEND {
            self.paragraph("  ", text);
        }
        for (summary, rows) in &tables {
            self.out.push('\n');
            self.theory_of(&summary.scenario.name, rows);
        }
        self.out.push('\n');
        if let Some(text) = theory::verdict(summaries) {
            self.paragraph("theory: ", &text);
        }
        self.out.push('\n');
    }

    /// One table; the name of the scenario is the heading of its first column.
    fn theory_of(&mut self, scenario: &str, rows: &[Row]) {
        let mut names = COLUMNS.map(|(name, _)| name.to_owned());
        names[0] = scenario.to_owned();
        let cells = rows.iter().map(|row| row.cells.clone());
        let lines: Vec<Cells> = std::iter::once(names).chain(cells).collect();
        let lines: Vec<Cells> = lines
            .iter()
            .map(|all| all.clone().map(|t| clean(&t)))
            .collect();
        let columns = with_room(&lines, self.style.table_width);
        for cells in &lines {
            let shown = columns.iter().map(|&column| {
                let (text, width) = (&cells[column], width(&lines, column));
                match column {
                    0 => format!("{text:width$}"),
                    _ => format!("{:GAP$}{text:>width$}", ""),
                }
            });
            self.line(&shown.collect::<String>());
        }
    }
}

/// The columns that have room, by their numbers.
fn with_room(lines: &[Cells], room: Option<usize>) -> Vec<usize> {
    let mut columns: Vec<usize> = (0..COLUMNS.len()).collect();
    let all = |columns: &[usize]| -> usize {
        let widths = columns.iter().map(|column| width(lines, *column) + GAP);
        widths.sum::<usize>() - GAP
    };
    while room.is_some_and(|room| all(&columns) > room) {
        let may_go = columns.iter().copied().filter(|c| COLUMNS[*c].1 > 0);
        let Some(least) = may_go.max_by_key(|column| COLUMNS[*column].1) else {
            break;
        };
        columns.retain(|column| *column != least);
    }
    columns
}

fn width(lines: &[Cells], column: usize) -> usize {
    let widths = lines.iter().map(|cells| cells[column].chars().count());
    widths.max().unwrap_or(0)
}
