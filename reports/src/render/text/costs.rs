//! What each strategy costs, as tables for a terminal.

use super::{DIM, Page};
use crate::render::costs::{self, COLUMNS};
use crate::stats::ScenarioSummary;
use crate::study::Study;

impl Page<'_> {
    /// The table of a scenario, if the record has more than CPU times.
    pub(super) fn costs_of(&mut self, summary: &ScenarioSummary) {
        let rows = costs::rows(summary);
        if rows.is_empty() {
            return;
        }
        self.out.push('\n');
        let title = self.paint(DIM, costs::TITLE);
        self.line(&title);
        let lines: Vec<_> = rows
            .into_iter()
            .map(|row| row.cells.map(|cell| cell.text))
            .collect();
        self.grid(&COLUMNS, &lines);
    }

    /// How to read the tables, once for all, and why a column may be empty.
    pub(super) fn costs_explained(&mut self, study: &Study, summaries: &[ScenarioSummary]) {
        if summaries
            .iter()
            .all(|summary| costs::rows(summary).is_empty())
        {
            return;
        }
        self.paragraph("costs: ", costs::LEGEND);
        if let Some(text) = costs::uncounted(study) {
            self.paragraph("costs: ", &text);
        }
    }
}
