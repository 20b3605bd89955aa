//! What each strategy costs, in the section of a scenario.

use super::facts::swatch;
use crate::escape::escape;
use crate::render::costs::{self, COLUMNS, LEGEND, Row, TITLE};
use crate::stats::ScenarioSummary;

/// The table; empty where the record has nothing but CPU times.
pub(super) fn table(summary: &ScenarioSummary) -> String {
    let rows = costs::rows(summary);
    if rows.is_empty() {
        return String::new();
    }
    let name = escape(&summary.scenario.name);
    let headings = COLUMNS.map(|(column, _)| format!("<th scope=\"col\">{column}</th>"));
    let body: String = rows.iter().map(row).collect();
    format!(
        "<h3>{TITLE}</h3>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Costs of {name}\">\n<table class=\"sorts\">\n<thead>\n<tr>{}</tr>\n</thead>\n\
         <tbody>\n{body}</tbody>\n</table>\n</div>\n<p class=\"quiet\">{LEGEND}</p>\n",
        headings.concat()
    )
}

fn row(row: &Row) -> String {
    let cells = row.cells.iter().enumerate().map(|(column, cell)| {
        let text = escape(&cell.text);
        let value = cell
            .value
            .map_or(String::new(), |value| format!(" data-value=\"{value}\""));
        match column {
            0 => format!("<th scope=\"row\">{}{text}</th>", swatch(row.look)),
            _ => format!("<td{value}>{text}</td>"),
        }
    });
    let cells: String = cells.collect();
    format!("<tr data-series=\"{}\">{cells}</tr>\n", row.look.position)
}
