//! A comparison together with what a gate makes of it.

use serde::Serialize;

use super::{Outcome, SideBySide, SidesAnswer};
use crate::document::{Document, OutcomeNote};
use crate::error::RenderError;
use crate::format::{Report, Style, to_json};

/// A comparison together with what a gate makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a>(pub &'a SideBySide<'a>);

#[derive(Serialize)]
struct Object<'a> {
    outcome: Outcome,
    headline: String,
    doubts: Vec<String>,
    undecided: Vec<String>,
    answer: SidesAnswer<'a>,
    #[serde(flatten)]
    comparison: &'a SideBySide<'a>,
}

impl Report for Judged<'_> {
    fn document(&self, style: Style<'_>) -> Document {
        let sign = match self.0.outcome() {
            Outcome::Regression => "❌",
            Outcome::Passed => "✅",
            Outcome::Inconclusive => "❔",
        };
        Document {
            outcome: Some(OutcomeNote {
                sign,
                headline: self.0.headline(),
                reasons: self.0.reasons(),
            }),
            ..self.0.document(style)
        }
    }

    fn records(&self) -> Vec<Vec<String>> {
        self.0.records()
    }

    fn json(&self, style: Style<'_>) -> Result<String, RenderError> {
        to_json(&Object {
            outcome: self.0.outcome(),
            headline: self.0.headline(),
            doubts: self.0.doubts().collect(),
            undecided: self.0.undecided().collect(),
            answer: self.0.answer(style.folder),
            comparison: self.0,
        })
    }

    fn page(&self, style: Style<'_>) -> Result<String, RenderError> {
        self.0.page(style)
    }
}
