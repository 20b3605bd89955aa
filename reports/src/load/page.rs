//! A trial of load as one page that needs nothing beside itself.

use super::LoadTrial;
use crate::chart;
use crate::error::RenderError;
use crate::escape::escape;
use crate::render::html::{figure, page, utc};

pub(super) fn render(trial: &LoadTrial) -> Result<String, RenderError> {
    let charts = chart::of_load(trial);
    let figures: String = charts.iter().map(figure).collect();
    let body = format!(
        "<header>\n<h1>evenkeel load</h1>\n{}</header>\n<main>\n<section>\n<pre>{}</pre>\n\
         {figures}</section>\n</main>\n",
        facts(trial),
        escape(&trial.text()),
    );
    Ok(page("evenkeel load", &body))
}

fn facts(trial: &LoadTrial) -> String {
    let facts = [
        ("target", escape(&trial.url)),
        (
            "command",
            format!("<code>{}</code>", escape(&trial.command.join(" "))),
        ),
        ("when", utc(trial.started_unix_s)),
        ("version", format!("evenkeel {}", escape(&trial.evenkeel))),
    ];
    let items = facts.map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n"));
    format!("<dl>\n{}</dl>\n", items.concat())
}
