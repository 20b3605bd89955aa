//! One page that needs nothing beside itself: no network, no font, no script.

mod facts;
mod scenario;

pub(crate) use facts::utc;
pub(crate) use scenario::figure;

use super::RenderError;
use crate::chart::escape;
use crate::stats;
use crate::study::Study;

const STYLE: &str = include_str!("page.css");
const METHOD: &str = include_str!("method.html");

pub(super) fn render(study: &Study) -> Result<String, RenderError> {
    let summaries = stats::summarize(study);
    let mut sections = String::new();
    for (index, summary) in summaries.iter().enumerate() {
        sections.push_str(&scenario::section(study, summary, index)?);
    }
    if summaries.is_empty() {
        sections.push_str("<p>No trial was recorded.</p>\n");
    }
    let links = summaries.iter().enumerate().map(|(index, summary)| {
        let name = escape(&summary.scenario.name);
        format!("<a href=\"#scenario-{index}\">{name}</a>\n")
    });
    let body = format!(
        "<header>\n<h1>evenkeel report</h1>\n{}<nav>\n{}\
         <a href=\"#strategies\">strategies</a>\n<a href=\"#method\">method and limits</a>\n\
         </nav>\n</header>\n<main>\n{sections}{}{METHOD}</main>\n",
        facts::what_was_run(study),
        links.collect::<String>(),
        facts::strategies(study),
    );
    Ok(page("evenkeel report", &body))
}

/// A page with this title around a body.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         {body}</body>\n</html>\n"
    )
}

/// A warning that stands out.
fn warning(text: &str) -> String {
    format!("<p class=\"warning\">{}</p>\n", escape(text))
}
