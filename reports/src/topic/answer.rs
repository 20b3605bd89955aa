//! The answer of a study as tables and sentences.

mod matrix;

pub(crate) use matrix::tables as matrices;

use super::sentences;
use crate::answer::{Answer, Standing};
use crate::document::{Note, Part};
use crate::record::PlanRecord;
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::study::Study;
use crate::table::Table;
use crate::units::plural;

/// Returns the answer as every format writes it: the matrix, how to read it, and the advice.
pub(crate) fn parts(answer: &Answer, summaries: &[ScenarioSummary], study: &Study) -> Vec<Part> {
    let scenarios = summaries.iter().map(|summary| summary.scenario);
    let described = scenarios.filter(|scenario| !scenario.summary.is_empty());
    let scenarios =
        described.map(|scenario| Note::plain(format!("{}: {}", scenario.name, scenario.summary)));
    let mut notes: Vec<Note> = scenarios.collect();
    notes.push(Note::plain(legend(answer, summaries)));
    let mut matrices: Vec<Table> = matrix::tables(answer, summaries).collect();
    if let Some(first) = matrices.first_mut() {
        first.title = size(&study.header.plan);
    }
    let mut parts: Vec<Part> = matrices.into_iter().map(Part::Table).collect();
    parts.push(Part::Notes(notes));
    let said = [method(study), advice(answer)].concat();
    parts.push(Part::Section("Answer".to_owned(), vec![Part::Notes(said)]));
    parts
}

/// What the study shows about the method, if it was run for that.
pub(crate) fn method(study: &Study) -> Vec<Note> {
    let notes = [
        ("A/A", sentences::aa(study)),
        ("precision", sentences::precision(study)),
    ];
    let notes = notes.map(|(label, text)| Some(Note::labelled(label, text?)));
    notes.into_iter().flatten().collect()
}

/// The advice, a note each.
pub(crate) fn advice(answer: &Answer) -> Vec<Note> {
    let advice = answer.advice.iter();
    let notes = advice.map(|one| Note::labelled(one.kind.label(), one.sentence()));
    notes.collect()
}

/// How large the study is.
pub(crate) fn size(plan: &PlanRecord) -> String {
    format!(
        "{}, {}, {}, {}",
        plural(plan.strategies.len(), "strategy"),
        plural(plan.scenarios.len(), "scenario"),
        plural(plan.blocks as usize, "block"),
        plural(plan.workers as usize, "worker"),
    )
}

/// How to read the marks of the matrix, as far as it has them.
pub(crate) fn legend(answer: &Answer, summaries: &[ScenarioSummary]) -> String {
    let places = || answer.scenarios.iter().flat_map(|here| here.places());
    let has = |standing: Standing| places().any(|place| place.standing == standing);
    let has_groups = answer.scenarios.iter().any(|here| here.groups.len() > 1);
    let mut strategies = summaries.iter().flat_map(|summary| &summary.strategies);
    let is_disturbed = strategies.any(StrategySummary::is_disturbed);
    let marks = [
        (true, "CPU: µs per request"),
        (
            has(Standing::Best),
            "best: leads in req/s or, in an open loop, in p99",
        ),
        (has(Standing::Tied), "tied: cannot be told apart from it"),
        (
            has(Standing::Worse),
            "3.5×, −12%: shown to be worse than the best by this",
        ),
        (has(Standing::Behind), "?: worse so far, not shown yet"),
        (is_disturbed, "*: on a busy host"),
        (has_groups, "①, ②: groups that cannot be told apart within"),
    ];
    let marks = marks.into_iter().filter(|(applies, _)| *applies);
    let marks: Vec<&str> = marks.map(|(_, mark)| mark).collect();
    format!("{}.", marks.join("; "))
}
