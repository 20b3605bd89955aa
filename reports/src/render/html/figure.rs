//! A chart with its caption and its figures.

use crate::chart::{Chart, Table};
use crate::escape::escape;

/// A chart with its caption, and its figures as a table.
pub(crate) fn figure(chart: &Chart) -> String {
    around(chart, &drawing(chart))
}

/// Charts of the same thing by the name of a choice, of which one is shown. The first argument
/// says what is chosen, and what stands beside it.
pub(super) fn figure_of_choices((what, note): (&str, &str), charts: &[(&str, Chart)]) -> String {
    let Some((_, first)) = charts.first() else {
        return String::new();
    };
    let options: String = charts
        .iter()
        .map(|(choice, _)| format!("<option>{}</option>", escape(choice)))
        .collect();
    let drawings = charts.iter().enumerate().map(|(index, (choice, chart))| {
        let hidden = if index > 0 { " hidden" } else { "" };
        format!(
            "<div data-choice=\"{}\"{hidden}>\n{}{}</div>\n",
            escape(choice),
            drawing(chart),
            numbers(&chart.table)
        )
    });
    let name = first.name;
    format!(
        "<figure data-chart=\"{name}\">\n<label class=\"chooser\">{what} <select>{options}</select></label>\n\
         <span class=\"quiet\">{note}</span>\n{}<figcaption>{}</figcaption>\n</figure>\n",
        drawings.collect::<String>(),
        first.caption
    )
}

fn around(chart: &Chart, drawing: &str) -> String {
    format!(
        "<figure data-chart=\"{}\">\n{drawing}<figcaption>{}</figcaption>\n{}</figure>\n",
        chart.name,
        chart.caption,
        numbers(&chart.table)
    )
}

fn drawing(chart: &Chart) -> String {
    format!("<div class=\"wide\">\n{}</div>\n", chart.svg)
}

/// The figures behind a chart, folded away.
fn numbers(table: &Table) -> String {
    let head: String = table
        .head
        .iter()
        .map(|text| format!("<th scope=\"col\">{}</th>", escape(text)))
        .collect();
    let body: String = table.rows.iter().map(|row| numbers_row(row)).collect();
    format!(
        "<details><summary>Numbers</summary><div class=\"wide\"><table>\n<thead><tr>{head}</tr></thead>\n\
         <tbody>\n{body}</tbody>\n</table></div></details>\n"
    )
}

fn numbers_row(row: &[String]) -> String {
    let cells = row.iter().enumerate();
    let cells: String = cells
        .map(|(column, text)| match column {
            0 => format!("<th scope=\"row\">{}</th>", escape(text)),
            _ => format!("<td>{}</td>", escape(text)),
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}
