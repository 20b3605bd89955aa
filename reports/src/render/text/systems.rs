//! Ours and theirs side by side, as tables for a terminal.

use super::{BOLD, Page};
use crate::compare::{PeerPair, peer_pairs};
use crate::record::ScenarioRecord;
use crate::render::systems::{self, TITLE};
use crate::stats::ScenarioSummary;
use crate::study::Study;

impl Page<'_> {
    /// The section, if the study has systems that ours stand for, and what systems there are.
    pub(super) fn systems(&mut self, study: &Study, summaries: &[ScenarioSummary]) {
        let compared = systems::compared(study);
        let tables = summaries.iter().map(|s| (s, peer_pairs(s, &compared)));
        let tables: Vec<_> = tables.filter(|(_, rows)| !rows.is_empty()).collect();
        if !tables.is_empty() {
            if !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
            let title = self.paint(BOLD, TITLE);
            self.line(&title);
            for text in systems::legend(&compared, summaries) {
                self.paragraph("  ", &text);
            }
            for (summary, rows) in &tables {
                self.out.push('\n');
                self.systems_of(summary.scenario, rows);
            }
            self.out.push('\n');
        }
        if let Some(versions) = systems::versions(study) {
            self.paragraph("systems: ", &versions);
        }
    }

    /// One table; the name of the scenario is the heading of its first column.
    fn systems_of(&mut self, scenario: &ScenarioRecord, rows: &[PeerPair]) {
        // Figures without a sign stand below those of figures with one.
        let (columns, lines) = systems::table(rows, scenario.loop_kind, "  ");
        let mut columns: Vec<(&str, u8)> = columns;
        columns[0].0 = &scenario.name;
        let mut left_out: Vec<&str> = Vec::new();
        for name in self.grid(&columns, &lines) {
            if !left_out.contains(&name) {
                left_out.push(name);
            }
        }
        if !left_out.is_empty() {
            let left_out = left_out.join(", ");
            self.paragraph("  ", &format!("Left out for want of room: {left_out}."));
        }
    }
}
