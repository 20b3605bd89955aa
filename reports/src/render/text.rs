//! Tables for a terminal.

mod costs;
mod grid;
mod systems;
mod theory;

use super::Style;
use super::columns::{GAP, Layout};
use super::table::{self, COLUMNS, Cell, Row};
use super::words;
use crate::stats::ScenarioSummary;
use crate::study::Study;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

pub(super) fn render(study: &Study, summaries: &[ScenarioSummary], style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style,
    };
    let missing = words::missing(study);
    for text in &missing {
        page.paragraph("incomplete: ", text);
    }
    if !missing.is_empty() {
        page.out.push('\n');
    }
    for summary in summaries {
        page.scenario(study, summary);
    }
    page.theory(summaries);
    page.costs_explained(study, summaries);
    page.systems(study, summaries);
    if let Some(text) = words::aa(study) {
        page.paragraph("A/A: ", &text);
    }
    if let Some(text) = words::precision(study) {
        page.paragraph("precision: ", &text);
    }
    if summaries.is_empty() {
        page.paragraph("", "No trial was recorded.");
    }
    for warning in study.warnings.iter().chain(&study.header.host.warnings) {
        page.paragraph("warning: ", warning);
    }
    page.out
}

struct Page<'a> {
    out: String,
    style: Style<'a>,
}

impl Page<'_> {
    fn scenario(&mut self, study: &Study, summary: &ScenarioSummary) {
        let scenario = summary.scenario;
        let name = self.paint(BOLD, &clean(&scenario.name));
        self.line(&name);
        self.paragraph("  ", &scenario.summary);
        self.paragraph("  ", &words::conditions(summary, &study.header.plan));
        self.out.push('\n');
        let rows = table::rows(summary);
        let layout = Layout::of(&rows, self.style.table_width);
        self.table(&rows, &layout);
        self.out.push('\n');
        let left_out = layout.left_out();
        if !left_out.is_empty() {
            let left_out = left_out.join(", ");
            let text = format!(
                "Left out for want of room: {left_out}; a wider terminal or `evenkeel report` with --format html shows all."
            );
            self.paragraph("  ", &text);
        }
        for text in words::legend(&rows, summary, self.style.color) {
            self.paragraph("  ", text);
        }
        for remark in &summary.remarks {
            let label = format!("  {}: ", remark.kind.label());
            self.paragraph(&label, &words::sentence(remark, summary));
        }
        self.costs_of(summary);
        self.out.push('\n');
    }

    fn table(&mut self, rows: &[Row], layout: &Layout) {
        let groups = self.paint(DIM, &layout.group_line());
        let names = COLUMNS.map(|column| Cell {
            text: column.name.to_owned(),
            ..Cell::default()
        });
        let rule = self.paint(DIM, &"─".repeat(layout.width()));
        self.line(&groups);
        self.row(&names, layout);
        self.line(&rule);
        for row in rows {
            self.row(&row.cells, layout);
        }
    }

    fn row(&mut self, cells: &[Cell], layout: &Layout) {
        let mut line = String::new();
        for (&column, &width) in layout.columns.iter().zip(&layout.widths) {
            let text = clean(&cells[column].text);
            let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
            let shown = if cells[column].best {
                self.paint(BOLD, &text)
            } else {
                text
            };
            if column == 0 {
                line.push_str(&(shown + &blanks));
            } else {
                line.push_str(&(" ".repeat(GAP) + &blanks + &shown));
            }
        }
        self.line(&line);
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// Wraps a sentence; what goes on in the next line stands under the text, not the label.
    fn paragraph(&mut self, label: &str, text: &str) {
        let indent = label.chars().count().min(self.style.width / 2);
        let mut line = label.to_owned();
        let mut words = 0;
        for word in clean(text).split_whitespace() {
            let width = line.chars().count() + 1 + word.chars().count();
            if words > 0 && width > self.style.width {
                self.line(&line);
                line = " ".repeat(indent);
                words = 0;
            }
            if words > 0 {
                line.push(' ');
            }
            line.push_str(word);
            words += 1;
        }
        self.line(&line);
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.style.color {
            format!("{code}{text}{RESET}")
        } else {
            text.to_owned()
        }
    }
}

/// Without control characters: an error text from a server must not move the cursor.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
