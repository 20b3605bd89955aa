//! The table of a scenario, which sorts.

use super::facts::swatch;
use super::judged::Judged;
use super::verdict::change;
use crate::compare::{Comparison, Metric, Verdict};
use crate::escape::escape;
use crate::render::table::{self, COLUMNS, Cell, Row};
use crate::stats::ScenarioSummary;

/// Metrics by the column that shows them, in which a strategy is held against the leader.
const JUDGED: [(usize, Metric); 6] = [
    (1, Metric::Throughput),
    (3, Metric::P50),
    (4, Metric::P99),
    (5, Metric::P999),
    (6, Metric::Fairness),
    (8, Metric::CpuPerRequest),
];

/// The column of the `±`, whose ends stand below the throughput here.
const HALF_WIDTH: usize = 2;

fn columns() -> Vec<usize> {
    let mut columns = table::all();
    columns.retain(|column| *column != HALF_WIDTH);
    columns
}

pub(super) fn figures(rows: &[Row], summary: &ScenarioSummary, judged: &Judged) -> String {
    let name = &summary.scenario.name;
    let strategies = summary.strategies.iter();
    let body = rows.iter().zip(strategies).map(|(row, strategy)| {
        let mark = |column: usize| {
            let (_, metric) = JUDGED.iter().find(|(judged, _)| *judged == column)?;
            judged.beside_leader(name, strategy.strategy, *metric)
        };
        table_row(row, &mark)
    });
    format!(
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Figures of {}\">\n\
         <table class=\"sorts\">\n<thead>\n<tr>{}</tr>\n<tr>{}</tr>\n</thead>\n\
         <tbody>\n{}</tbody>\n</table>\n</div>\n{}",
        escape(name),
        group_headings(),
        columns()
            .iter()
            .map(|column| format!("<th scope=\"col\">{}</th>", COLUMNS[*column].name))
            .collect::<String>(),
        body.collect::<String>(),
        legend(name, judged),
    )
}

fn group_headings() -> String {
    table::groups(&columns())
        .map(|(group, span)| format!("<th colspan=\"{span}\">{group}</th>"))
        .collect()
}

fn table_row<'c>(row: &Row, mark: &dyn Fn(usize) -> Option<&'c Comparison<'c>>) -> String {
    let cells = columns().into_iter();
    let cells: String = cells
        .map(|column| (column, &row.cells[column]))
        .map(|(column, cell)| match column {
            0 => format!(
                "<th scope=\"row\">{}{}</th>",
                swatch(row.look),
                escape(&cell.text)
            ),
            _ => table_cell(cell, mark(column)),
        })
        .collect();
    format!("<tr data-series=\"{}\">{cells}</tr>\n", row.look.position)
}

fn table_cell(cell: &Cell, beside: Option<&Comparison>) -> String {
    let class = if cell.best { " class=\"best\"" } else { "" };
    let value = cell
        .value
        .map_or(String::new(), |v| format!(" data-value=\"{v}\""));
    let range = cell.range.as_deref().map_or(String::new(), |range| {
        format!(" title=\"{}\"", escape(range))
    });
    let interval = cell.interval.as_deref().map_or(String::new(), |ends| {
        let ends = escape(&ends.replace(" to ", " – "));
        format!("<span class=\"interval\">{ends}</span>")
    });
    let mark = beside.map_or(String::new(), verdict_mark);
    format!(
        "<td{value}{range}><span{class}>{}</span>{mark}{interval}</td>",
        escape(&cell.text)
    )
}

/// How a strategy stands to the leader; nothing where no difference is shown.
fn verdict_mark(comparison: &Comparison) -> String {
    let (class, sign) = match comparison.verdict {
        Verdict::Better => ("better", "▲"),
        Verdict::Worse => ("worse", "▼"),
        Verdict::NoDifferenceShown => return String::new(),
    };
    let by = comparison.ratio.map_or(String::new(), |r| {
        format!(
            " {} ({} to {})",
            change(r.estimate),
            change(r.low),
            change(r.high)
        )
    });
    let words = format!(
        "{class} than {} in {}{by}",
        comparison.baseline,
        comparison.metric.name()
    );
    let words = escape(&words);
    format!(
        " <span class=\"{class}\" role=\"img\" aria-label=\"{words}\" title=\"{words}\">{sign}</span>"
    )
}

fn legend(scenario: &str, judged: &Judged) -> String {
    let Some(standing) = judged.standing(scenario) else {
        return String::new();
    };
    format!(
        "<p class=\"quiet\">▲ shown to be better, ▼ shown to be worse than {}, which leads in {}; no \
         mark: no difference shown. Below a figure stands its 95% interval over the blocks; its range shows on hover.</p>\n",
        escape(standing.leader),
        standing.metric.name()
    )
}
