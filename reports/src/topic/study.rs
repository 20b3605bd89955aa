//! A study as a report.

use serde::Serialize;

use super::answer as in_words;
use super::{
    changes, costs, defences, expectations, faults, records, sentences, summary, systems, theory,
};
use crate::answer::{self, Answer};
use crate::compare::{Comparison, LossComparison};
use crate::document::{Document, Note, Part};
use crate::error::RenderError;
use crate::expect::{self, Checked};
use crate::format::{Report, Style, to_json};
use crate::page;
use crate::record::Header;
use crate::stats::{self, Completeness, ScenarioSummary, System};
use crate::study::Study;

#[derive(Serialize)]
struct Summary<'a> {
    answer: Answer<'a>,
    header: &'a Header,
    completeness: Completeness<'a>,
    scenarios: Vec<ScenarioSummary<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    systems: Vec<System<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    beside_systems: Vec<Comparison<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    losses: Vec<LossComparison<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expectations: Vec<Checked<'a>>,
    warnings: &'a [String],
}

impl Report for Study {
    fn document(&self, style: Style<'_>) -> Document {
        let summaries = stats::summarize(self);
        let answer = answer::answer(self, &summaries, style.folder);
        let missing = sentences::missing(self).into_iter();
        let missing = missing.map(|text| Note::labelled("incomplete", text));
        let mut parts = vec![Part::Notes(missing.collect())];
        parts.extend(summaries.iter().map(|summary| scenario(self, summary)));
        parts.extend(expectations::section(self));
        parts.extend(against_theory(&summaries));
        parts.extend(next_to_systems(self, &summaries));
        parts.push(Part::Notes(closing(self, &summaries)));
        Document {
            outcome: None,
            answer: in_words::parts(&answer, &summaries, self),
            parts,
        }
    }

    fn records(&self) -> Vec<Vec<String>> {
        records::records(self)
    }

    fn json(&self, style: Style<'_>) -> Result<String, RenderError> {
        let scenarios = stats::summarize(self);
        to_json(&Summary {
            answer: answer::answer(self, &scenarios, style.folder),
            header: &self.header,
            completeness: stats::completeness(self),
            scenarios,
            systems: stats::systems(self),
            beside_systems: systems::compared(self),
            losses: changes::compared(self),
            expectations: expect::check(self),
            warnings: &self.warnings,
        })
    }

    fn page(&self, style: Style<'_>) -> Result<String, RenderError> {
        page::of_study(self, style)
    }

    fn study(&self) -> Option<&Study> {
        Some(self)
    }
}

fn scenario(study: &Study, summary: &ScenarioSummary) -> Part {
    let scenario = summary.scenario;
    let table = summary::table(summary, &|_, _| None);
    let mut notes = summary::legend(&table, summary);
    notes.extend(sentences::remarks(summary));
    let mut parts = vec![
        Part::Paragraph(scenario.summary.clone()),
        Part::Paragraph(sentences::conditions(summary, &study.header.plan)),
        Part::Table(table),
        Part::Notes(notes),
    ];
    parts.extend(costs::table(summary).map(Part::Table));
    if let Some(table) = defences::table(summary) {
        parts.push(Part::Table(table));
        parts.push(Part::Notes(vec![Note::plain(defences::LEGEND)]));
    }
    parts.extend(changes::tables(study, summary).into_iter().map(Part::Table));
    parts.extend(changes::legend(study, summary).map(Part::Notes));
    parts.extend(faults::table(study, summary).map(Part::Table));
    parts.extend(faults::legend(study, summary).map(Part::Notes));
    Part::Section(scenario.name.clone(), parts)
}

fn against_theory(summaries: &[ScenarioSummary]) -> Option<Part> {
    let tables: Vec<_> = summaries.iter().filter_map(theory::table).collect();
    let verdict = theory::verdict(summaries);
    let verdict = verdict.map(|text| Part::Notes(vec![Note::labelled("theory", text)]));
    (!tables.is_empty()).then(|| {
        let mut parts = vec![Part::Notes(theory::LEGEND.map(Note::plain).to_vec())];
        parts.extend(tables.into_iter().map(Part::Table));
        parts.extend(verdict);
        Part::Section(theory::TITLE.to_owned(), parts)
    })
}

fn next_to_systems(study: &Study, summaries: &[ScenarioSummary]) -> Option<Part> {
    let compared = systems::compared(study);
    let tables = systems::tables(summaries, &compared);
    let legend = systems::legend(&compared, summaries).into_iter();
    (!tables.is_empty()).then(|| {
        let mut parts = vec![Part::Notes(legend.map(Note::plain).collect())];
        parts.extend(tables.into_iter().map(Part::Table));
        Part::Section(systems::TITLE.to_owned(), parts)
    })
}

/// What applies to the whole study.
fn closing(study: &Study, summaries: &[ScenarioSummary]) -> Vec<Note> {
    let has_costs = summaries.iter().any(|one| costs::table(one).is_some());
    let costs = [Some(costs::LEGEND.to_owned()), costs::uncounted(study)];
    let costs = costs.into_iter().flatten().filter(|_| has_costs);
    let systems = systems::versions(study).map(|text| Note::labelled("systems", text));
    let nothing = summaries
        .is_empty()
        .then(|| Note::plain("No trial was recorded."));
    let warnings = study.warnings.iter().chain(&study.header.host.warnings);
    let warnings = warnings.map(|text| Note::labelled("warning", text));
    let costs = costs.map(|text| Note::labelled("costs", text));
    costs
        .chain(systems)
        .chain(nothing)
        .chain(warnings)
        .collect()
}
