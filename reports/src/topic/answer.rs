//! The answer of a study as tables and sentences.

mod matrix;
mod overview;
mod space;

pub(crate) use matrix::tables as matrices;
pub(crate) use space::advice;

use super::{expectations, sentences};
use crate::answer::{Answer, Standing};
use crate::document::{Note, Part};
use crate::record::PlanRecord;
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::study::Study;
use crate::units::plural;

/// From this number of scenarios on a row per scenario says more than matrices one below the other.
const MANY: usize = 7;

/// Returns the answer as every format writes it: the matrix, how to read it, and the advice.
pub(crate) fn parts(answer: &Answer, summaries: &[ScenarioSummary], study: &Study) -> Vec<Part> {
    let mut parts = match summaries.len() {
        MANY.. => vec![Part::Table(overview::table(answer, summaries))],
        _ => compared(answer, summaries),
    };
    if let Some(Part::Table(first)) = parts.first_mut() {
        first.title = size(&study.header.plan);
    }
    parts.extend(expectations::in_short(study));
    let said = [method(study), advice(&answer.advice)].concat();
    parts.push(Part::Section("Answer".to_owned(), vec![Part::Notes(said)]));
    parts
}

/// The matrices, and how to read them.
fn compared(answer: &Answer, summaries: &[ScenarioSummary]) -> Vec<Part> {
    let scenarios = summaries.iter().map(|summary| summary.scenario);
    let described = scenarios.filter(|scenario| !scenario.summary.is_empty());
    let described = described.map(|it| format!("{}: {}", it.name, it.summary));
    let mut notes: Vec<Note> = described.map(space::description).collect();
    notes.push(Note::plain(legend(answer, summaries)));
    let matrices = matrix::tables(answer, summaries).map(Part::Table);
    matrices.chain([Part::Notes(notes)]).collect()
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
    let has_few = answer.scenarios.iter().any(|here| !here.too_few.is_empty());
    let has_groups = answer.scenarios.iter().any(|here| here.groups.len() > 1);
    let mut strategies = summaries.iter().flat_map(|summary| &summary.strategies);
    let is_disturbed = strategies.any(StrategySummary::is_disturbed);
    let marks = [
        (true, "CPU: µs per request"),
        (has(Standing::Best), "best: leads in req/s (open loop: p99)"),
        (has(Standing::Tied), "tied: cannot be told apart from it"),
        (
            has(Standing::Worse),
            "3.5×, −12%: shown to be worse by this",
        ),
        (has(Standing::Behind), "?: worse so far, not shown"),
        (has(Standing::Open), "unclear: blocks differ too much"),
        (has_few, "1 block, 2 blocks: too few to be ranked"),
        (is_disturbed, "*: busy host"),
        (has_groups, "①, ②: groups"),
    ];
    let marks = marks.into_iter().filter(|(applies, _)| *applies);
    let marks: Vec<&str> = marks.map(|(_, mark)| mark).collect();
    format!("{}.", marks.join("; "))
}
