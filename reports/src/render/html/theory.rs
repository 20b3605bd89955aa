//! The testbed against queueing theory: a section of its own, if the study has waits.

use super::facts::swatch;
use super::figure::figure;
use crate::chart;
use crate::escape::escape;
use crate::render::theory::{self, COLUMNS, LEGEND, Row, TITLE};
use crate::stats::ScenarioSummary;

/// The section; empty if no waits are known.
pub(super) fn section(summaries: &[ScenarioSummary]) -> String {
    let tables = summaries.iter().map(|s| (s, theory::rows(s)));
    let scenarios: String = tables
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(summary, rows)| scenario(summary, &rows))
        .collect();
    if scenarios.is_empty() {
        return String::new();
    }
    let verdict = theory::verdict(summaries).map_or(String::new(), |text| {
        format!("<p><b>{}</b></p>\n", escape(&text))
    });
    let legend = LEGEND.map(|text| format!("<li class=\"quiet\">{}</li>\n", escape(text)));
    format!(
        "<section id=\"theory\">\n<h2>{TITLE}</h2>\n{verdict}{scenarios}\
         <ul class=\"remarks\">\n{}</ul>\n</section>\n",
        legend.concat()
    )
}

/// Whether there is such a section.
pub(super) fn has_section(summaries: &[ScenarioSummary]) -> bool {
    summaries.iter().any(|s| !theory::rows(s).is_empty())
}

fn scenario(summary: &ScenarioSummary, rows: &[Row]) -> String {
    let name = escape(&summary.scenario.name);
    let headings = COLUMNS.map(|(column, _)| format!("<th scope=\"col\">{column}</th>"));
    let body: String = rows.iter().map(row).collect();
    let chart = chart::of_theory(summary).map_or(String::new(), |chart| {
        format!("<div class=\"figures\">\n{}</div>\n", figure(&chart))
    });
    format!(
        "<h3>{name}</h3>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Waits of {name} beside theory\">\n<table>\n<thead>\n<tr>{}</tr>\n</thead>\n\
         <tbody>\n{body}</tbody>\n</table>\n</div>\n{chart}",
        headings.concat()
    )
}

fn row(row: &Row) -> String {
    let class = match row.holds {
        Some(true) => " class=\"better\"",
        Some(false) => " class=\"worse\"",
        None => "",
    };
    let last = COLUMNS.len() - 1;
    let cells = row.cells.iter().enumerate().map(|(column, text)| {
        let text = escape(text);
        match column {
            0 => format!("<th scope=\"row\">{}{text}</th>", swatch(row.look)),
            _ if column == last => format!("<td{class}>{text}</td>"),
            _ => format!("<td>{text}</td>"),
        }
    });
    let cells: String = cells.collect();
    format!("<tr data-series=\"{}\">{cells}</tr>\n", row.look.position)
}
