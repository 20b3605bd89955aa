//! What two sides say, in the fewest words.

use serde::Serialize;

use super::SideBySide;
use crate::answer::{Advice, Answer, answer, differences};
use crate::compare::Comparison;
use crate::document::Part;
use crate::stats::summarize;
use crate::study::Study;
use crate::topic::answer as in_words;

/// How two sides differ, and what the study of side B says by itself, as its own report says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SidesAnswer<'a> {
    /// What became worse, and what better.
    pub differences: Vec<Advice>,
    /// The answer of the study of side B.
    #[serde(flatten)]
    pub study: Answer<'a>,
}

impl<'a> SideBySide<'a> {
    /// Returns the answer. `folder` is what commands call the folder of the record of side B.
    pub fn answer(&self, folder: &str) -> SidesAnswer<'a> {
        let study: &'a Study = self.studies.1;
        let rows = self.rows.iter();
        let comparisons: Vec<Comparison> = rows.map(|row| row.comparison.clone()).collect();
        let mut of_b = answer(study, &summarize(study), folder);
        // Of builds, the study says the same by its own margin.
        of_b.advice.retain(|one| !one.kind.is_difference());
        SidesAnswer {
            differences: differences(&comparisons, &self.than),
            study: of_b,
        }
    }
}

impl SidesAnswer<'_> {
    /// All advice, the differences first.
    pub(crate) fn advice(&self) -> Vec<Advice> {
        [&*self.differences, &*self.study.advice].concat()
    }

    /// The answer as every format writes it.
    pub(super) fn parts(&self) -> Vec<Part> {
        let notes = in_words::advice(&self.advice());
        vec![Part::Section("Answer".to_owned(), vec![Part::Notes(notes)])]
    }
}
