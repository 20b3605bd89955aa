//! The section of a scenario: table, remarks, charts.

use super::facts::swatch;
use crate::chart::{self, Chart, escape};
use crate::render::RenderError;
use crate::render::table::{self, COLUMNS, Cell, Row};
use crate::render::words;
use crate::stats::ScenarioSummary;
use crate::study::Study;

pub(super) fn section(
    study: &Study,
    summary: &ScenarioSummary,
    index: usize,
) -> Result<String, RenderError> {
    let scenario = summary.scenario;
    let rows = table::rows(summary);
    let charts = chart::of_scenario(summary)?;
    Ok(format!(
        "<section id=\"scenario-{index}\">\n<h2>{}</h2>\n<p>{}</p>\n<p class=\"quiet\">{}</p>\n\
         {}{}{}<details><summary>The scenario as a file</summary><pre>{}</pre></details>\n\
         </section>\n",
        escape(&scenario.name),
        escape(&scenario.summary),
        escape(&words::conditions(summary, &study.header.plan)),
        figures(&rows),
        remarks(&rows, summary),
        charts.iter().map(figure).collect::<String>(),
        escape(&scenario.toml),
    ))
}

fn figures(rows: &[Row]) -> String {
    let body: String = rows.iter().map(table_row).collect();
    format!(
        "<div class=\"wide\">\n<table>\n<thead>\n<tr>{}</tr>\n<tr>{}</tr>\n</thead>\n\
         <tbody>\n{body}</tbody>\n</table>\n</div>\n",
        group_headings(),
        COLUMNS
            .map(|c| format!("<th scope=\"col\">{}</th>", c.name))
            .concat(),
    )
}

fn group_headings() -> String {
    table::groups(&table::all())
        .map(|(group, span)| format!("<th colspan=\"{span}\">{group}</th>"))
        .collect()
}

fn table_row(row: &Row) -> String {
    let cells = row.cells.iter().enumerate();
    let cells: String = cells
        .map(|(index, cell)| match index {
            0 => format!(
                "<th scope=\"row\">{}{}</th>",
                swatch(row.position),
                escape(&cell.text)
            ),
            _ => table_cell(cell),
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}

fn table_cell(cell: &Cell) -> String {
    let class = if cell.best { " class=\"best\"" } else { "" };
    let range = cell.range.as_deref().map_or(String::new(), |range| {
        format!(" title=\"{}\"", escape(range))
    });
    format!("<td{class}{range}>{}</td>", escape(&cell.text))
}

fn remarks(rows: &[Row], summary: &ScenarioSummary) -> String {
    let legend = words::legend(rows, summary, true).into_iter();
    let legend = legend.map(|text| format!("<li class=\"quiet\">{}</li>\n", escape(text)));
    let remarks = summary.remarks.iter().map(|remark| {
        let label = remark.kind.label();
        let sentence = escape(&words::sentence(remark, summary));
        format!("<li class=\"{label}\"><b>{label}:</b> {sentence}</li>\n")
    });
    let items: String = legend.chain(remarks).collect();
    format!("<ul class=\"remarks\">\n{items}</ul>\n")
}

/// A chart with its caption.
pub(crate) fn figure(chart: &Chart) -> String {
    let Chart { caption, svg, .. } = chart;
    format!(
        "<figure>\n<div class=\"wide\">\n{svg}</div>\n<figcaption>{caption}</figcaption>\n</figure>\n"
    )
}
