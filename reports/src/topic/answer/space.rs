//! What of an answer is left out first where a text must fit a screen.
//!
//! The middle of long tables goes first, then how scenarios are described, then further sentences of a kind,
//! then the rows next to the best and the worst. What leads or is last somewhere stays, and so do the first
//! sentences of each kind.

use crate::answer::{Advice, AdviceKind, ScenarioAnswer};
use crate::document::Note;
use crate::table::Row;

/// Rows away from both ends; those in the middle go before these, up to [`FARTHEST`] later ones.
const MIDDLE: u8 = 100;
const FARTHEST: usize = 100;
const DESCRIPTION: u8 = 80;
/// Further sentences; the last goes first, up to [`LAST`].
const FURTHER: u8 = 20;
const LAST: usize = 40;
const NEAR: u8 = 10;

/// Rows at the top and at the bottom of a table that show how things go on from the ends.
const NEAR_THE_TOP: usize = 5;
const NEAR_THE_BOTTOM: usize = 3;

/// Returns the rows, given with their strategies, with the order in which they give way.
pub(super) fn rows<'a>(rows: Vec<(&'a str, Row)>, scenarios: &[&ScenarioAnswer<'a>]) -> Vec<Row> {
    let count = rows.len();
    let ends = scenarios.iter().flat_map(|here| ends(here));
    let ends: Vec<&str> = ends.collect();
    let rows = rows.into_iter().enumerate();
    let rows = rows.map(|(at, (strategy, row))| {
        let from_below = count - 1 - at;
        let is_near = at < NEAR_THE_TOP || from_below < NEAR_THE_BOTTOM;
        let gives_way = match is_near {
            _ if ends.contains(&strategy) => 0,
            true => NEAR,
            false => MIDDLE + at.min(from_below).min(FARTHEST) as u8,
        };
        Row { gives_way, ..row }
    });
    rows.collect()
}

/// The strategies that lead and are last under a scenario.
fn ends<'a>(here: &ScenarioAnswer<'a>) -> impl Iterator<Item = &'a str> {
    let last = here.places().last().map(|place| place.strategy);
    here.leader().into_iter().chain(last)
}

/// Scenarios that stay.
const SCENARIOS: usize = 12;

/// Returns the row of a scenario, given with its place in the plan, with the order in which it gives way.
pub(super) fn of_scenario(at: usize, row: Row) -> Row {
    let further = at.checked_sub(SCENARIOS);
    let gives_way = further.map_or(0, |further| MIDDLE + further.min(FARTHEST) as u8);
    Row { gives_way, ..row }
}

/// A sentence that describes a scenario.
pub(super) fn description(text: String) -> Note {
    Note::plain(text).giving_way(DESCRIPTION)
}

/// Returns the advice, a note each.
pub(crate) fn advice(all: &[Advice]) -> Vec<Note> {
    let kinds = all.chunk_by(|a, b| a.kind == b.kind);
    let notes = kinds.flat_map(|of_kind| of_kind.iter().enumerate().map(|(at, one)| note(at, one)));
    notes.collect()
}

fn note(at: usize, one: &Advice) -> Note {
    let note = Note::labelled(one.kind.label(), one.sentence());
    match at.checked_sub(first(one.kind)) {
        Some(further) => note.giving_way(FURTHER + further.min(LAST) as u8),
        None => note,
    }
}

/// Sentences of a kind that stay.
fn first(kind: AdviceKind) -> usize {
    match kind {
        AdviceKind::Worse | AdviceKind::Take => 4,
        AdviceKind::Better | AdviceKind::Avoid | AdviceKind::Losses => 3,
        AdviceKind::Beware => 2,
        AdviceKind::Same | AdviceKind::Next => 1,
    }
}
