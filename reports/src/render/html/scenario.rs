//! The section of a scenario: table, remarks, charts.

use super::costs;
use super::figure::{figure, figure_of_choices};
use super::judged::Judged;
use super::table as html_table;
use crate::chart;
use crate::error::RenderError;
use crate::escape::escape;
use crate::render::table::{self, Row};
use crate::render::words;
use crate::stats::ScenarioSummary;
use crate::study::Study;

/// The section of a scenario; the charts of one load of a sweep are folded away.
pub(super) fn section(
    study: &Study,
    summary: &ScenarioSummary,
    judged: &Judged,
    (index, is_of_sweep): (usize, bool),
) -> Result<String, RenderError> {
    let scenario = summary.scenario;
    let rows = table::rows(summary);
    let charts = chart::of_scenario(summary)?;
    let charts: String = charts.iter().map(figure).collect();
    let ratios = ratios(summary, judged);
    let mut figures = format!("<div class=\"figures\">\n{charts}{ratios}</div>\n");
    if is_of_sweep {
        figures =
            format!("<details>\n<summary>Charts of this load</summary>\n{figures}</details>\n");
    }
    Ok(format!(
        "<section id=\"scenario-{index}\">\n<h2>{}</h2>\n<p>{}</p>\n<p class=\"quiet\">{}</p>\n\
         {}{}{}{figures}{}\
         <details><summary>The scenario as a file</summary><pre>{}</pre></details>\n</section>\n",
        escape(&scenario.name),
        escape(&scenario.summary),
        escape(&words::conditions(summary, &study.header.plan)),
        html_table::figures(&rows, summary, judged),
        remarks(&rows, summary),
        costs::table(summary),
        absent(summary),
        escape(&scenario.toml),
    ))
}

/// The forest plots, one for each strategy that can be the baseline.
fn ratios(summary: &ScenarioSummary, judged: &Judged) -> String {
    let charts = judged.baselines().filter_map(|(baseline, comparisons)| {
        Some((baseline, chart::ratios(summary, comparisons, baseline)?))
    });
    let note = match judged.some_left_out {
        true => "any other: <code>evenkeel report FOLDER --format html --baseline KEY</code>",
        false => "",
    };
    figure_of_choices(("baseline", note), &charts.collect::<Vec<_>>())
}

/// Says which charts cannot be drawn for want of records.
fn absent(summary: &ScenarioSummary) -> String {
    let used = || summary.strategies.iter().flat_map(|s| &s.used);
    if used().next().is_none() || used().any(|trial| !trial.intervals.is_empty()) {
        return String::new();
    }
    "<p class=\"quiet\">No chart over time: the record has no slices of the measured time.</p>\n"
        .into()
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
