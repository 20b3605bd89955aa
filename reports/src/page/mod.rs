//! Reports as one page that needs no network, no font and no other file.
//!
//! Templates escape all text that is put into them; only drawings are put in as they are.

mod change;
mod judged;
mod scenario;
mod sides;
mod study;

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context};

use serde::Serialize;

use crate::answer::Advice;
use crate::chart::{self, Chart, Scope, charts};
use crate::document::{Document, Part};
use crate::error::RenderError;
use crate::escape::escape;
use crate::load::LoadTrial;
use crate::table::{ColumnKind, Table, groups};
use crate::topic::{Fact, utc};

pub(crate) use sides::of_sides;
pub(crate) use study::of_study;

const TEMPLATES: [(&str, &str); 9] = [
    ("page.html", include_str!("template/page.html")),
    ("parts.html", include_str!("template/parts.html")),
    ("study.html", include_str!("template/study.html")),
    ("answer.html", include_str!("template/answer.html")),
    ("series.html", include_str!("template/series.html")),
    ("scenario.html", include_str!("template/scenario.html")),
    ("sides.html", include_str!("template/sides.html")),
    ("document.html", include_str!("template/document.html")),
    ("method.html", include_str!("template/method.html")),
];

/// Styles of the page; those of charts are [`chart::STYLE`].
const STYLE: &str = include_str!("template/page.css");

/// Behaviour of the page, a file per thing that it does.
const SCRIPTS: [&str; 4] = [
    include_str!("template/sort.js"),
    include_str!("template/series.js"),
    include_str!("template/tips.js"),
    include_str!("template/wide.js"),
];

static PAGES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(pages);

fn pages() -> Result<Environment<'static>, minijinja::Error> {
    let mut syntax = SyntaxConfig::builder();
    let syntax = syntax.trim_blocks(true).lstrip_blocks(true).build()?;
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    pages.set_syntax(syntax);
    pages.set_formatter(write_escaped);
    pages.add_filter("prose", prose);
    pages.add_filter("names", names);
    let style = chart::STYLE.to_owned() + STYLE;
    pages.add_global("STYLE", Value::from_safe_string(style));
    pages.add_global("SCRIPTS", Value::from_safe_string(SCRIPTS.concat()));
    for (name, text) in TEMPLATES {
        pages.add_template(name, text)?;
    }
    Ok(pages)
}

/// Escapes a text, and shows what it has between backticks as code.
fn prose(text: &str) -> Value {
    let mut html = String::new();
    for (number, part) in text.split('`').enumerate() {
        let part = escape(part);
        match number % 2 {
            0 => html.push_str(&part),
            _ => html.push_str(&format!("<code>{part}</code>")),
        }
    }
    Value::from_safe_string(html)
}

/// Escapes a text, and keeps words with hyphens, such as names of strategies, on one line.
fn names(text: &str) -> Value {
    let words = text.split(' ').map(|word| match word.contains('-') {
        true => format!("<span class=\"name\">{}</span>", escape(word)),
        false => escape(word),
    });
    Value::from_safe_string(words.collect::<Vec<_>>().join(" "))
}

/// Escapes everything but drawings and what templates have made.
fn write_escaped(
    out: &mut Output,
    state: &mut State,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    match value.is_safe() || *state.auto_escape() == AutoEscape::None {
        true => out.write_str(&text)?,
        false => out.write_str(&escape(&text))?,
    }
    Ok(())
}

fn render(template: &str, values: Value) -> Result<String, RenderError> {
    let pages = PAGES.as_ref().map_err(|error| {
        RenderError::Page(minijinja::Error::new(error.kind(), error.to_string()))
    })?;
    Ok(pages.get_template(template)?.render(values)?)
}

pub(crate) fn of_load(trial: &LoadTrial, document: &Document) -> Result<String, RenderError> {
    let about = [
        Fact::new("target", trial.url.clone()),
        Fact::code("command", trial.command.join(" ")),
        Fact::new("when", utc(trial.started_unix_s)),
        Fact::new("version", format!("evenkeel {}", trial.evenkeel)),
    ];
    of_document(
        "evenkeel load",
        document,
        &about,
        &charts(Scope::Load(trial))?,
    )
}

/// Returns a document as a page, with charts below it.
pub(crate) fn of_document(
    title: &str,
    document: &Document,
    about: &[Fact],
    charts: &[Chart],
) -> Result<String, RenderError> {
    let parts: Vec<Value> = document.parts.iter().map(part).collect();
    let charts: Vec<Value> = charts.iter().map(figure).collect();
    render(
        "document.html",
        context! { title, about => value(about), parts, charts },
    )
}

fn part(of: &Part) -> Value {
    match of {
        Part::Section(heading, parts) => {
            let parts: Vec<Value> = parts.iter().map(part).collect();
            context! { heading => heading.as_str(), parts }
        }
        Part::Paragraph(paragraph) => context! { paragraph => paragraph.as_str() },
        Part::Notes(notes) => context! { notes => value(notes) },
        Part::Table(of) => context! { table => table(of, &of.title) },
    }
}

/// Returns a table for the template. `label` names it for screen readers. Intervals are shown in the cells.
fn table(of: &Table, label: &str) -> Value {
    let is_shown = |column: usize| of.columns[column].kind != ColumnKind::Interval;
    let shown = of.with_columns(is_shown);
    let groups = groups(&shown.columns).into_iter();
    let mut groups: Vec<(String, usize)> = groups
        .map(|(group, span)| (group.to_owned(), span))
        .collect();
    if groups.iter().all(|(group, _)| group.is_empty()) {
        groups.clear();
    }
    context! { label, groups, has_head => shown.has_head(), ..value(&shown) }
}

/// Returns advice for the template, by kind.
fn advice(all: &[Advice]) -> Vec<Value> {
    let of_kinds = all.chunk_by(|a, b| a.kind == b.kind);
    let of_kinds = of_kinds.map(|of_kind| {
        context! { label => of_kind[0].kind.label(), all => value(of_kind.to_vec()) }
    });
    of_kinds.collect()
}

fn figures(scope: Scope) -> Result<Vec<Value>, RenderError> {
    Ok(charts(scope)?.iter().map(figure).collect())
}

fn figure(chart: &Chart) -> Value {
    context! {
        name => chart.info.name,
        caption => chart.info.caption,
        svg => Value::from_safe_string(chart.drawing.svg.clone()),
        table => value(&chart.drawing.table),
    }
}

fn value(data: impl Serialize) -> Value {
    Value::from(Serde(data))
}
