//! One page that needs nothing beside itself: no network, no font, no other file.

mod costs;
mod facts;
mod figure;
mod judged;
mod scenario;
mod series;
mod systems;
mod table;
mod theory;
mod trials;
mod verdict;

pub(crate) use facts::{about, utc};
pub(crate) use figure::figure;

use super::words;
use crate::chart;
use crate::error::RenderError;
use crate::escape::escape;
use crate::stats::{self, ScenarioSummary};
use crate::study::Study;
use judged::Judged;

/// Styles of the page; those of the charts are [`chart::STYLE`].
const STYLE: &str = include_str!("page/page.css");

/// Behaviour of the page, one file for each thing that it does.
const SCRIPTS: [&str; 3] = [
    include_str!("page/sort.js"),
    include_str!("page/series.js"),
    include_str!("page/tips.js"),
];

/// How trials are compared, and what figures cannot say.
pub(crate) const METHOD: &str = include_str!("page/method.html");

/// A browser refuses all that does not stand in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

pub(super) fn render(study: &Study, baseline: Option<&str>) -> Result<String, RenderError> {
    let summaries = stats::summarize(study);
    let judged = Judged::of(study, baseline);
    let sweeps = stats::sweeps(&summaries);
    let mut sections: String = sweeps.iter().map(sweep).collect();
    for (index, summary) in summaries.iter().enumerate() {
        let name = &summary.scenario.name;
        let is_of_sweep = sweeps.iter().any(|sweep| sweep.has(name));
        sections.push_str(&scenario::section(
            study,
            summary,
            &judged,
            (index, is_of_sweep),
        )?);
    }
    if summaries.is_empty() {
        sections.push_str("<p>No trial was recorded.</p>\n");
    }
    let systems = systems::section(study, &summaries);
    let body = format!(
        "<header>\n<h1>evenkeel report</h1>\n{}{}{}</header>\n<main>\n{}{}{}{sections}{}{}{}{}{METHOD}\
         </main>\n",
        facts::at_a_glance(study),
        warnings(study),
        contents(&summaries, !systems.is_empty()),
        verdict::section(study, &summaries, &judged),
        series::buttons(study),
        systems,
        theory::section(&summaries),
        facts::strategies(study),
        facts::what_was_run(study),
        trials::section(study),
    );
    Ok(page("evenkeel report", &body))
}

/// A page with this title around a body.
pub(crate) fn page(title: &str, body: &str) -> String {
    let (charts, scripts) = (chart::STYLE, SCRIPTS.concat());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n<style>\n{charts}{STYLE}</style>\n</head>\n<body>\n\
         {body}<div id=\"tip\" role=\"status\"></div>\n<script>\n\"use strict\";\n{scripts}</script>\n\
         </body>\n</html>\n"
    )
}

/// The section of scenarios that differ in nothing but the offered load.
fn sweep(sweep: &stats::Sweep) -> String {
    format!(
        "<section class=\"sweep\">\n<h2>{}: latency by load</h2>\n{}</section>\n",
        escape(sweep.name),
        figure(&chart::of_sweep(sweep))
    )
}

/// What must be known before anything else.
fn warnings(study: &Study) -> String {
    let missing = words::missing(study).into_iter();
    let missing = missing.map(|text| format!("incomplete: {text}"));
    let others = study.warnings.iter().chain(&study.header.host.warnings);
    let all = missing.chain(others.cloned());
    all.map(|text| format!("<p class=\"warning\">{}</p>\n", escape(&text)))
        .collect()
}

fn contents(summaries: &[ScenarioSummary], has_systems: bool) -> String {
    let links = summaries.iter().enumerate();
    let scenarios: String = links
        .map(|(index, summary)| {
            let name = escape(&summary.scenario.name);
            format!("<a href=\"#scenario-{index}\">{name}</a>\n")
        })
        .collect();
    let systems = match has_systems {
        true => "<a href=\"#systems\">systems</a>\n",
        false => "",
    };
    let theory = match theory::has_section(summaries) {
        true => "<a href=\"#theory\">theory</a>\n",
        false => "",
    };
    format!(
        "<nav class=\"contents\" aria-label=\"contents\">\n<a href=\"#verdict\">verdict</a>\n{systems}{scenarios}\
         {theory}<a href=\"#strategies\">strategies</a>\n<a href=\"#run\">what was run</a>\n\
         <a href=\"#trials\">trials</a>\n<a href=\"#method\">method and limits</a>\n</nav>\n"
    )
}
