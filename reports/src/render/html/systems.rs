//! Ours and theirs side by side, and how theirs were configured.

use super::facts::swatch;
use super::figure::figure;
use crate::chart;
use crate::compare::{PeerPair, peer_pairs};
use crate::escape::escape;
use crate::record::{LoopKind, ScenarioRecord};
use crate::render::systems::{self, BLOCKS, Figure, PAIR, TITLE};
use crate::stats::{ScenarioSummary, System};
use crate::study::Study;

/// The section; empty if the study has no system that one of ours stands for.
pub(super) fn section(study: &Study, summaries: &[ScenarioSummary]) -> String {
    let compared = systems::compared(study);
    let all = summaries.iter().map(|s| (s, peer_pairs(s, &compared)));
    let all: Vec<_> = all.filter(|(_, rows)| !rows.is_empty()).collect();
    if all.is_empty() {
        return String::new();
    }
    let tables: String = all
        .iter()
        .map(|(s, rows)| table(s.scenario, rows))
        .collect();
    let charts = all.iter().filter_map(|(s, rows)| chart::of_peers(s, rows));
    let charts: String = charts.map(|chart| figure(&chart)).collect();
    let legend = systems::legend(&compared, summaries);
    let legend = legend
        .iter()
        .map(|text| format!("<p class=\"quiet\">{}</p>\n", escape(text)));
    format!(
        "<section id=\"systems\">\n<h2>{TITLE}</h2>\n{}{tables}\
         <div class=\"figures\">\n{charts}</div>\n</section>\n",
        legend.collect::<String>()
    )
}

fn table(scenario: &ScenarioRecord, rows: &[PeerPair]) -> String {
    let (name, kind) = (escape(&scenario.name), scenario.loop_kind);
    let columns = systems::ratios(kind).map(|(_, ratio, _)| ratio);
    let columns = [PAIR].into_iter().chain(columns).chain([BLOCKS]);
    let headings = columns.map(|(column, _)| format!("<th scope=\"col\">{column}</th>"));
    let body: String = rows.iter().map(|one| row(one, kind)).collect();
    format!(
        "<h3>{name}</h3>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Systems under {name}\">\n<table class=\"sorts\">\n<thead>\n<tr>{}</tr>\n</thead>\n\
         <tbody>\n{body}</tbody>\n</table>\n</div>\n",
        headings.collect::<String>()
    )
}

fn row(row: &PeerPair, kind: LoopKind) -> String {
    let figures = systems::ratios(kind).map(|(metric, ..)| cell(row.in_metric(metric)));
    let figures: String = figures.collect();
    let blocks = row.blocks();
    format!(
        "<tr data-series=\"{}\"><th scope=\"row\">{}{}</th>{figures}\
         <td data-value=\"{blocks}\">{blocks}</td></tr>\n",
        row.look.position,
        swatch(row.look),
        // The colon goes on with what it follows.
        escape(&row.name()).replace(" : ", "&nbsp;: ")
    )
}

fn cell(figure: Figure) -> String {
    let value = figure.and_then(|beside| beside.estimate);
    let value = value.map_or(String::new(), |v| format!(" data-value=\"{v}\""));
    let interval = systems::interval(figure).map_or(String::new(), |ends| {
        let ends = escape(&ends.replace(" to ", " – "));
        format!("<span class=\"interval\">{ends}</span>")
    });
    let sign = systems::sign(figure).map_or(String::new(), |(sign, word)| {
        format!(
            " <span class=\"{word}\" role=\"img\" aria-label=\"shown to be {word}\">{sign}</span>"
        )
    });
    let estimate = escape(&systems::estimate(figure));
    format!("<td{value}>{estimate}{sign}{interval}</td>")
}

/// What a system consists of, in what it differs, and its files, folded away.
pub(super) fn configured(system: &System) -> String {
    let versions = escape(&systems::told(&system.versions));
    let versions = format!("<br>\n<span class=\"quiet\">{versions}</span>");
    let differs = system.differs.iter().map(|text| {
        format!(
            "<br>\n<b class=\"beware\">out of parity:</b> {}",
            escape(text)
        )
    });
    let files = system.configuration.iter().map(|(file, text)| {
        let (file, text) = (escape(file), escape(text));
        format!("\n<details><summary>{file}</summary><pre>{text}</pre></details>")
    });
    [versions].into_iter().chain(differs).chain(files).collect()
}
