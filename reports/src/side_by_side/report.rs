//! A comparison as a report.

use serde::Serialize;

use super::{Row, SideBySide, SidesAnswer, records, table};
use crate::document::{Document, Note, Part};
use crate::error::RenderError;
use crate::format::{Report, Style, to_json};
use crate::page;

impl<'a> SideBySide<'a> {
    pub(crate) fn scenarios(&self) -> Vec<&[Row<'a>]> {
        let scenario = |row: &Row<'a>| row.comparison.scenario;
        self.rows
            .chunk_by(|a, b| scenario(a) == scenario(b))
            .collect()
    }

    /// Returns what a reader should know, one sentence each.
    pub(crate) fn caveats(&self) -> Vec<String> {
        let gaps = self.gaps.iter().map(ToString::to_string);
        gaps.chain(self.remarks.iter().cloned()).collect()
    }
}

#[derive(Serialize)]
struct Object<'a> {
    answer: SidesAnswer<'a>,
    #[serde(flatten)]
    comparison: &'a SideBySide<'a>,
}

impl Report for SideBySide<'_> {
    fn document(&self, style: Style<'_>) -> Document {
        let sides = vec![
            Note::labelled("A", &self.baseline),
            Note::labelled("B", &self.candidate),
        ];
        let mut parts = vec![Part::Notes(sides)];
        parts.extend(self.scenarios().into_iter().map(|rows| {
            let name = rows[0].comparison.scenario.to_owned();
            Part::Section(name, vec![Part::Table(table::table(rows))])
        }));
        let mut notes: Vec<Note> = match self.rows.is_empty() {
            true => vec![Note::plain("Nothing can be compared.")],
            false => table::LEGEND.map(Note::plain).to_vec(),
        };
        notes.extend(self.caveats().into_iter().map(Note::plain));
        parts.push(Part::Notes(notes));
        Document {
            outcome: None,
            answer: self.answer(style.folder).parts(),
            parts,
        }
    }

    fn records(&self) -> Vec<Vec<String>> {
        records::records(&self.rows)
    }

    fn json(&self, style: Style<'_>) -> Result<String, RenderError> {
        to_json(&Object {
            answer: self.answer(style.folder),
            comparison: self,
        })
    }

    fn page(&self, style: Style<'_>) -> Result<String, RenderError> {
        page::of_sides(self, style)
    }
}
