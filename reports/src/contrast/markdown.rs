//! For a pull request or an issue.

use super::table::{COLUMNS, LEGEND, WORDS, cells};
use super::{Contrast, Outcome};
use crate::compare::Verdict;
use crate::render::markdown::{escape, items, line};

impl Contrast<'_> {
    /// A table per scenario.
    pub fn markdown(&self) -> String {
        let sides = [("A", &self.baseline), ("B", &self.candidate)];
        let sides = sides.map(|(side, name)| format!("{side}: {}", escape(name)));
        let mut out = String::new();
        items(&mut out, sides.into_iter());
        let mut scenario = None;
        for row in &self.rows {
            if scenario.replace(row.comparison.scenario) != Some(row.comparison.scenario) {
                let gap = if out.ends_with("\n\n") { "" } else { "\n" };
                let name = escape(row.comparison.scenario);
                out.push_str(&format!("{gap}### {name}\n\n"));
                line(&mut out, COLUMNS.map(str::to_owned).into_iter());
                line(&mut out, (0..COLUMNS.len()).map(rule));
            }
            let mut cells = cells(row).map(|cell| escape(&cell));
            if row.comparison.verdict != Verdict::NoDifferenceShown {
                let verdict = &mut cells[COLUMNS.len() - 1];
                *verdict = format!("**{verdict}**");
            }
            line(&mut out, cells.into_iter());
        }
        out.push_str(match self.rows.is_empty() {
            true => "Nothing can be compared.\n\n",
            false => "\n",
        });
        let legend = LEGEND.iter().filter(|_| !self.rows.is_empty());
        let legend = legend.map(|text| (*text).to_owned());
        let gaps = self.gaps.iter().map(ToString::to_string);
        let told = legend.chain(gaps).chain(self.remarks.iter().cloned());
        items(&mut out, told.map(|text| escape(&text)));
        out
    }

    /// What a gate has to say in a pull request: the outcome, what it rests on, and the tables
    /// folded away.
    pub fn summary(&self) -> String {
        let mark = match self.outcome() {
            Outcome::Regression => "❌",
            Outcome::Passed => "✅",
            Outcome::CannotTell => "❔",
        };
        let mut out = format!("## {mark} evenkeel: {}\n\n", escape(&self.headline()));
        let reasons = self.reasons().into_iter();
        items(&mut out, reasons.map(|reason| escape(&reason)));
        let tables = self.markdown();
        out.push_str(&format!(
            "<details><summary>All comparisons</summary>\n\n{tables}</details>\n"
        ));
        out
    }
}

fn rule(column: usize) -> String {
    let is_number = (WORDS.0..COLUMNS.len() - WORDS.1).contains(&column);
    if is_number { "--:" } else { ":--" }.to_owned()
}
