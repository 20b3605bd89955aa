//! Tables and sentences for a README, an issue or a pull request.

use super::{FormatInfo, Paint};
use crate::document::{Document, Note, OutcomeNote, Part};
use crate::table::{Cell, Column, ColumnKind, Table, Tone};

/// Tables for a README or a pull request.
pub static MARKDOWN: FormatInfo = FormatInfo {
    name: "markdown",
    file_name: "report.md",
    summary: "Tables for a README, an issue or a pull request",
    paint: Paint::Report(|report, style| Ok(paint(&report.document(style)))),
};

/// The outcome and the answer come first, and the tables are folded away below them.
fn paint(document: &Document) -> String {
    let all = written(&document.parts);
    let judged = document.outcome.as_ref().map(judged);
    let answer = written(&document.answer);
    let tables = match judged {
        None if answer.is_empty() => return all,
        None => "All figures",
        Some(_) => "All comparisons",
    };
    judged.unwrap_or_default() + &answer + &folded(tables, &all)
}

/// What a gate makes of it.
fn judged(outcome: &OutcomeNote) -> String {
    let headline = escape(&outcome.headline);
    let mut judged = format!("## {} evenkeel: {headline}\n\n", outcome.sign);
    let reasons = outcome.reasons.iter().map(Note::plain);
    write(&mut judged, &Part::Notes(reasons.collect()));
    judged
}

fn written(parts: &[Part]) -> String {
    let mut out = String::new();
    parts.iter().for_each(|part| write(&mut out, part));
    out
}

fn folded(summary: &str, text: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{text}</details>\n")
}

fn write(out: &mut String, part: &Part) {
    match part {
        Part::Section(heading, parts) => {
            out.push_str(&format!("### {}\n\n", escape(heading)));
            parts.iter().for_each(|part| write(out, part));
        }
        Part::Paragraph(text) => out.push_str(&format!("{}\n\n", escape(text))),
        Part::Notes(notes) => {
            out.extend(notes.iter().map(item));
            out.push_str(if notes.is_empty() { "" } else { "\n" });
        }
        Part::Table(table) => write_table(out, table),
    }
}

fn item(note: &Note) -> String {
    let label = match note.label {
        "" => String::new(),
        label => format!("**{label}:** "),
    };
    format!("- {label}{}\n", escape(&note.text))
}

fn write_table(out: &mut String, table: &Table) {
    let table = &table.with_columns(|column| table.columns[column].kind != ColumnKind::Bar);
    if !table.title.is_empty() {
        out.push_str(&format!("{}:\n\n", escape(&table.title)));
    }
    let columns = || table.columns.iter();
    line(out, columns().map(|column| escape(&column.full_name())));
    line(out, columns().map(|column| rule(column).to_owned()));
    for row in &table.rows {
        line(out, row.cells.iter().map(shown));
    }
    out.push('\n');
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
}

fn rule(column: &Column) -> &'static str {
    match column.kind {
        ColumnKind::Words | ColumnKind::Bar => ":--",
        ColumnKind::Number | ColumnKind::Interval => "--:",
    }
}

fn shown(cell: &Cell) -> String {
    let text = escape(&cell.text);
    let mark = cell.mark.as_ref();
    let mark = mark.map_or(String::new(), |mark| format!(" {}", mark.sign));
    match cell.tone {
        Tone::Plain => text + &mark,
        Tone::Best | Tone::Better | Tone::Worse => format!("**{text}**{mark}"),
    }
}

/// Removes from a text every meaning that Markdown or HTML would give it.
fn escape(text: &str) -> String {
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
