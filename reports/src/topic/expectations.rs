//! What was expected of a study, and whether it holds.

use crate::document::{Note, Part};
use crate::expect::{Checked, Found, Outcome, check};
use crate::study::Study;
use crate::table::{Cell, Column, Row, Table, Tone, or_absent};

pub(crate) const TITLE: &str = "Expectations";

/// Where a text must fit a screen, what holds is left out first, and what does not hold last.
const HOLDS: u8 = 70;
const CANNOT_TELL: u8 = 16;
const DOES_NOT_HOLD: u8 = 5;

/// Expectations of each outcome that stay.
const STAY: usize = 4;

/// Reasons why some cannot be judged that stay, and when the others are left out.
const REASONS: usize = 2;
const FURTHER_REASON: u8 = 60;

const LEGEND: &str = "Found: a figure, or the ratio of two sides (of figures that may be zero, their difference), with its 95% \
     confidence interval.";

/// Returns a line for each expectation, and why some cannot be judged; nothing if nothing was expected.
pub(crate) fn in_short(study: &Study) -> Vec<Part> {
    parts(&check(study), &[name(), outcome(), found(), published()])
}

/// Returns the same with what was claimed and where that comes from.
pub(crate) fn section(study: &Study) -> Option<Part> {
    let parts = in_full(study);
    (!parts.is_empty()).then(|| Part::Section(TITLE.to_owned(), parts))
}

/// Returns the parts of the section.
pub(crate) fn in_full(study: &Study) -> Vec<Part> {
    let columns = [name(), claim(), outcome(), found(), published(), source()];
    parts(&check(study), &columns)
}

/// A column, and what it has of an expectation.
type ColumnOf = (Column, fn(&Checked) -> Cell);

fn name() -> ColumnOf {
    (Column::words("expectation"), |it| Cell::text(it.title()))
}

fn claim() -> ColumnOf {
    (Column::words("claim"), |it| Cell::text(it.claim.clone()))
}

fn outcome() -> ColumnOf {
    (Column::words("outcome"), |it| {
        Cell::text(it.outcome.label()).toned(match it.outcome {
            Outcome::Holds => Tone::Better,
            Outcome::DoesNotHold => Tone::Worse,
            Outcome::CannotTell => Tone::Plain,
        })
    })
}

fn found() -> ColumnOf {
    (Column::words("found"), |it| {
        let found: Vec<String> = it.found.iter().map(Found::sentence).collect();
        match found.is_empty() {
            true => Cell::absent(),
            false => Cell::text(found.join("; ")),
        }
    })
}

fn published() -> ColumnOf {
    (Column::words("published").gives_way(1), |it| {
        optional(it.expectation.published.as_ref())
    })
}

fn source() -> ColumnOf {
    (Column::words("source").gives_way(2), |it| {
        optional(it.expectation.source.as_ref())
    })
}

fn optional(text: Option<&String>) -> Cell {
    Cell::text(or_absent(text, String::clone))
}

fn parts(all: &[Checked], columns: &[ColumnOf]) -> Vec<Part> {
    if all.is_empty() {
        return Vec::new();
    }
    let rows = all
        .iter()
        .map(|it| columns.iter().map(|(_, cell)| cell(it)));
    let ways = gives_way(all);
    let rows = rows.zip(ways).map(|(cells, gives_way)| Row {
        cells: cells.collect(),
        gives_way,
        ..Row::default()
    });
    let table = Table {
        columns: columns.iter().map(|(column, _)| column.clone()).collect(),
        rows: rows.collect(),
        ..Table::default()
    };
    let table = table.without_absent_columns();
    vec![Part::Table(table), Part::Notes(notes(all))]
}

/// Returns the order in which the rows are left out.
fn gives_way(all: &[Checked]) -> Vec<u8> {
    let ways = all.iter().enumerate().map(|(at, it)| {
        let before = all[..at].iter().filter(|other| other.outcome == it.outcome);
        match it.outcome {
            _ if before.count() < STAY => 0,
            Outcome::Holds => HOLDS,
            Outcome::CannotTell => CANNOT_TELL,
            Outcome::DoesNotHold => DOES_NOT_HOLD,
        }
    });
    ways.collect()
}

/// How to read what was found, and why some cannot be judged.
fn notes(all: &[Checked]) -> Vec<Note> {
    let legend = Note::plain(LEGEND).giving_way(FURTHER_REASON);
    let reasons = all.iter().filter_map(|it| Some((it, it.because.as_ref()?)));
    let notes = reasons.enumerate().map(|(at, (it, because))| {
        let note = Note::labelled(it.outcome.label(), format!("{}: {because}.", it.title()));
        note.giving_way(if at < REASONS { 0 } else { FURTHER_REASON })
    });
    [legend].into_iter().chain(notes).collect()
}
