//! For other programs.

use serde::Serialize;

use super::{Contrast, Outcome};
use crate::error::RenderError;

#[derive(Serialize)]
struct Judged<'a> {
    outcome: Outcome,
    headline: String,
    doubts: Vec<String>,
    undecided: Vec<String>,
    #[serde(flatten)]
    contrast: &'a Contrast<'a>,
}

impl Contrast<'_> {
    /// One object.
    ///
    /// # Errors
    /// [`RenderError::Json`] if the library fails.
    pub fn json(&self) -> Result<String, RenderError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// One object, with what a gate makes of it.
    ///
    /// # Errors
    /// As [`Contrast::json`].
    pub fn judged_json(&self) -> Result<String, RenderError> {
        let judged = Judged {
            outcome: self.outcome(),
            headline: self.headline(),
            doubts: self.doubts().collect(),
            undecided: self.undecided().collect(),
            contrast: self,
        };
        Ok(serde_json::to_string_pretty(&judged)? + "\n")
    }
}
