//! The testbed against queueing theory, as tables for a terminal.

use super::{BOLD, Page};
use crate::render::theory::{self, COLUMNS, Row};
use crate::stats::ScenarioSummary;

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
        let mut columns: [(&str, u8); COLUMNS.len()] = COLUMNS;
        columns[0].0 = scenario;
        let lines: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
        self.grid(&columns, &lines);
    }
}
