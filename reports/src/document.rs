//! A report as tables and sentences, before it is painted.

use serde::Serialize;

use crate::table::Table;

/// A report as tables and sentences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What a gate makes of it, if it is judged.
    pub outcome: Option<OutcomeNote>,
    /// What a reader should read if nothing else; empty if a report has no answer.
    pub answer: Vec<Part>,
    /// Parts, in order.
    pub parts: Vec<Part>,
}

/// What a gate makes of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeNote {
    /// One sign for it.
    pub sign: &'static str,
    /// One sentence.
    pub headline: String,
    /// What it rests on, one sentence each.
    pub reasons: Vec<String>,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A heading, and what belongs under it.
    Section(String, Vec<Part>),
    /// A paragraph.
    Paragraph(String),
    /// What a reader should know, a paragraph each.
    Notes(Vec<Note>),
    /// A table.
    Table(Table),
}

/// What a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Kind of note, such as `warning`; empty if it has none.
    pub label: &'static str,
    /// One or more sentences.
    pub text: String,
    /// Whether it explains highlights, so that it is only for painters that have them.
    pub on_highlights: bool,
    /// Order in which notes are left out of a text that is too long, as of [rows](crate::table::Row::gives_way).
    pub gives_way: u8,
}

impl Note {
    /// A note without a label.
    pub fn plain(text: impl Into<String>) -> Note {
        Note::labelled("", text)
    }

    /// A note of a kind.
    pub fn labelled(label: &'static str, text: impl Into<String>) -> Note {
        Note {
            label,
            text: text.into(),
            on_highlights: false,
            gives_way: 0,
        }
    }

    /// A note that explains highlights.
    pub fn on_highlights(text: impl Into<String>) -> Note {
        Note {
            on_highlights: true,
            ..Note::plain(text)
        }
    }

    /// The same note as one that is left out where there is no room.
    #[must_use]
    pub fn giving_way(self, gives_way: u8) -> Note {
        Note { gives_way, ..self }
    }
}
