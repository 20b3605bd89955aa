//! Tables for a README or an issue.

use super::costs;
use super::systems;
use super::table::{self, COLUMNS, Cell};
use super::words;
use crate::compare::peer_pairs;
use crate::stats::ScenarioSummary;
use crate::study::Study;

pub(super) fn render(study: &Study, summaries: &[ScenarioSummary]) -> String {
    let mut out = String::new();
    let missing = words::missing(study).into_iter();
    items(
        &mut out,
        missing.map(|text| format!("**incomplete:** {}", escape(&text))),
    );
    for summary in summaries {
        scenario(&mut out, study, summary);
    }
    if summaries
        .iter()
        .any(|summary| !costs::rows(summary).is_empty())
    {
        let texts = [Some(costs::LEGEND.to_owned()), costs::uncounted(study)];
        let texts = texts.into_iter().flatten();
        items(
            &mut out,
            texts.map(|text| format!("**costs:** {}", escape(&text))),
        );
    }
    systems_of(&mut out, study, summaries);
    if summaries.is_empty() {
        out.push_str("No trial was recorded.\n");
    }
    let warnings = study.warnings.iter().chain(&study.header.host.warnings);
    items(
        &mut out,
        warnings.map(|text| format!("**warning:** {}", escape(text))),
    );
    out
}

fn scenario(out: &mut String, study: &Study, summary: &ScenarioSummary) {
    let rows = table::rows(summary);
    let conditions = escape(&words::conditions(summary, &study.header.plan));
    out.push_str(&format!(
        "### {}\n\n{}  \n{conditions}\n\n",
        escape(&summary.scenario.name),
        escape(&summary.scenario.summary)
    ));
    let names = COLUMNS
        .iter()
        .map(|c| format!("{} {}", c.group, c.name).trim().to_owned());
    line(out, names);
    let rules = (0..COLUMNS.len()).map(|index| if index == 0 { ":--" } else { "--:" }.to_owned());
    line(out, rules);
    for row in &rows {
        line(out, row.cells.iter().map(shown));
    }
    out.push('\n');
    items(
        out,
        words::legend(&rows, summary, true).into_iter().map(escape),
    );
    items(
        out,
        summary.remarks.iter().map(|remark| {
            let sentence = escape(&words::sentence(remark, summary));
            format!("**{}:** {sentence}", remark.kind.label())
        }),
    );
    costs_of(out, summary);
}

/// What each strategy costs, where the record has more than CPU times.
fn costs_of(out: &mut String, summary: &ScenarioSummary) {
    let rows = costs::rows(summary);
    if rows.is_empty() {
        return;
    }
    out.push_str(&format!("{}:\n\n", costs::TITLE));
    line(
        out,
        costs::COLUMNS.iter().map(|(name, _)| (*name).to_owned()),
    );
    let rules = (0..costs::COLUMNS.len()).map(|index| if index < 2 { ":--" } else { "--:" });
    line(out, rules.map(str::to_owned));
    for row in &rows {
        line(out, row.cells.iter().map(|cell| escape(&cell.text)));
    }
    out.push('\n');
}

/// Ours and theirs side by side, where the study has both, and what systems there are.
fn systems_of(out: &mut String, study: &Study, summaries: &[ScenarioSummary]) {
    let compared = systems::compared(study);
    let tables = summaries.iter().map(|s| (s, peer_pairs(s, &compared)));
    let tables: Vec<_> = tables.filter(|(_, rows)| !rows.is_empty()).collect();
    if !tables.is_empty() {
        out.push_str(&format!("### {}\n\n", systems::TITLE));
    }
    for (summary, rows) in &tables {
        let kind = summary.scenario.loop_kind;
        let (columns, lines) = systems::table(rows, kind, "");
        let mut names: Vec<String> = columns.iter().map(|column| column.0.to_owned()).collect();
        names[0] = escape(&summary.scenario.name);
        let rules = (0..names.len()).map(|index| if index == 0 { ":--" } else { "--:" });
        line(out, names.into_iter());
        line(out, rules.map(str::to_owned));
        for cells in &lines {
            line(out, cells.iter().map(|cell| escape(cell)));
        }
        out.push('\n');
    }
    let legend = systems::legend(&compared, summaries).into_iter();
    let versions = systems::versions(study).map(|versions| format!("systems: {versions}"));
    items(out, legend.chain(versions).map(|text| escape(&text)));
}

pub(crate) fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
}

/// A list, with a blank line after it if there is anything in it.
pub(crate) fn items(out: &mut String, texts: impl Iterator<Item = String>) {
    let list: String = texts.map(|text| format!("- {text}\n")).collect();
    if !list.is_empty() {
        out.push_str(&list);
        out.push('\n');
    }
}

fn shown(cell: &Cell) -> String {
    let text = escape(&cell.text);
    if cell.best {
        format!("**{text}**")
    } else {
        text
    }
}

/// Takes from a text every meaning that Markdown or HTML would give it.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
