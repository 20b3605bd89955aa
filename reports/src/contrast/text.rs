//! For a terminal, in the manner of benchstat.

use super::Contrast;
use super::table::{COLUMNS, LEGEND, WORDS, cells};
use crate::render::clean;

impl Contrast<'_> {
    /// A table per scenario.
    pub fn text(&self) -> String {
        let mut out = format!(
            "A: {}\nB: {}\n",
            clean(&self.baseline),
            clean(&self.candidate)
        );
        let rows: Vec<[String; 11]> = self.rows.iter().map(cells).collect();
        let widths = widths(&rows);
        let mut scenario = None;
        for (row, cells) in self.rows.iter().zip(&rows) {
            if scenario.replace(row.comparison.scenario) != Some(row.comparison.scenario) {
                let name = clean(row.comparison.scenario);
                let heading = line(COLUMNS.map(str::to_owned), &widths);
                let rule = "─".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1));
                out.push_str(&format!("\n{name}\n{heading}\n{rule}\n"));
            }
            out.push_str(&line(cells.each_ref().map(|cell| clean(cell)), &widths));
            out.push('\n');
        }
        if self.rows.is_empty() {
            out.push_str("\nNothing can be compared.\n");
        } else {
            out.push('\n');
            LEGEND
                .iter()
                .for_each(|text| out.push_str(&format!("  {text}\n")));
        }
        let gaps = self.gaps.iter().map(ToString::to_string);
        for told in gaps.chain(self.remarks.iter().cloned()) {
            out.push_str(&format!("  {}\n", clean(&told)));
        }
        out
    }

    /// The tables, what the outcome of a gate rests on, and the outcome in the last line.
    pub fn judged_text(&self) -> String {
        let reasons = self.reasons().into_iter();
        let reasons: String = reasons.map(|reason| format!("{reason}\n")).collect();
        format!("{}\n{reasons}{}\n", self.text(), self.headline())
    }
}

fn widths(rows: &[[String; 11]]) -> [usize; 11] {
    std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].as_str());
        let lengths = cells
            .chain([COLUMNS[column]])
            .map(|cell| cell.chars().count());
        lengths.max().unwrap_or(0)
    })
}

fn line(cells: [String; 11], widths: &[usize; 11]) -> String {
    let numbers = WORDS.0..cells.len() - WORDS.1;
    let padded = cells.iter().zip(widths).enumerate();
    let padded = padded.map(|(column, (cell, &width))| match numbers.contains(&column) {
        true => format!("{cell:>width$}"),
        false => format!("{cell:<width$}"),
    });
    let joined = padded.collect::<Vec<_>>().join("  ");
    joined.trim_end().to_owned()
}
