//! One page that needs nothing beside itself: no network, no font, no script.

mod facts;
mod scenario;

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
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>evenkeel report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>evenkeel report</h1>\n{}<nav>\n{}\
         <a href=\"#strategies\">strategies</a>\n<a href=\"#method\">method and limits</a>\n\
         </nav>\n</header>\n<main>\n{sections}{}{METHOD}</main>\n</body>\n</html>\n",
        facts::what_was_run(study),
        links.collect::<String>(),
        facts::strategies(study),
    ))
}

/// A warning that stands out.
fn warning(text: &str) -> String {
    format!("<p class=\"warning\">{}</p>\n", escape(text))
}
