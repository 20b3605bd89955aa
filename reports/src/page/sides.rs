//! The page of a comparison.

use minijinja::{Value, context};

use super::{advice, figures, render, table, value};
use crate::chart::{RatioScope, Scope};
use crate::compare::{Comparison, Verdict};
use crate::document::Note;
use crate::error::RenderError;
use crate::format::Style;
use crate::side_by_side::{Row, SideBySide, table as comparisons};
use crate::stats::{ScenarioSummary, summarize};
use crate::table::Tone;
use crate::topic::about;
use crate::units::plural;

/// Returns the page: the answer first, then the verdicts, then charts and tables, then what was compared.
pub(crate) fn of_sides(sides: &SideBySide, style: Style<'_>) -> Result<String, RenderError> {
    let all: Vec<_> = sides
        .rows
        .iter()
        .map(|row| row.comparison.clone())
        .collect();
    let (a, b) = sides.studies;
    let summaries = summarize(b);
    let scenarios = sides.scenarios().into_iter();
    let scenarios = scenarios.map(|rows| scenario(rows, &all, &summaries));
    let studies = match std::ptr::eq(a, b) {
        true => vec![context! { name => "A and B", about => value(about(a)) }],
        false => vec![
            context! { name => "A", about => value(about(a)) },
            context! { name => "B", about => value(about(b)) },
        ],
    };
    let values = context! {
        title => "evenkeel comparison",
        baseline => sides.baseline.as_str(),
        candidate => sides.candidate.as_str(),
        advices => advice(&sides.answer(style.folder).advice()),
        caveats => sides.caveats(),
        scenarios => scenarios.collect::<Result<Vec<_>, _>>()?,
        legend => value(comparisons::LEGEND.map(Note::plain)),
        sides => studies,
    };
    render("sides.html", values)
}

fn scenario(
    rows: &[Row],
    all: &[Comparison],
    summaries: &[ScenarioSummary],
) -> Result<Value, RenderError> {
    let name = rows[0].comparison.scenario;
    let summary = summaries.iter().find(|s| s.scenario.name == name);
    let ratios = summary.map(|summary| RatioScope {
        summary,
        comparisons: all,
        baseline: "A",
    });
    let charts = ratios.map(|ratios| figures(Scope::Ratios(ratios)));
    let of = |verdict| rows.iter().filter(move |r| r.comparison.verdict == verdict);
    let changes = [Verdict::Worse, Verdict::Better].into_iter().flat_map(|verdict| {
        of(verdict).map(move |row| {
            context! { verdict => verdict.label(), tone => value(Tone::of(verdict)), text => row.change() }
        })
    });
    Ok(context! {
        name,
        changes => changes.collect::<Vec<_>>(),
        unshown => of(Verdict::NoDifferenceShown).count(),
        comparisons => plural(rows.len(), "comparison"),
        charts => charts.transpose()?,
        table => table(&comparisons::table(rows), &format!("Comparisons under {name}")),
    })
}
