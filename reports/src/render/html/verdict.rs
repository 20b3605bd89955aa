//! What came out, before anything else.

use super::judged::Judged;
use crate::compare::{Comparison, Ratio, Standing, Verdict};
use crate::escape::escape;
use crate::render::words;
use crate::stats::ScenarioSummary;
use crate::study::Study;
use crate::units;

pub(super) fn section(study: &Study, summaries: &[ScenarioSummary], judged: &Judged) -> String {
    let method = [
        ("A/A", words::aa(study)),
        ("Precision", words::precision(study)),
    ];
    let method: String = method
        .into_iter()
        .filter_map(|(what, text)| {
            let text = escape(&text?);
            Some(format!("<p class=\"quiet\">{what}: {text}.</p>\n"))
        })
        .collect();
    let cards = summaries.iter().enumerate().map(|(index, summary)| {
        let standing = judged.standing(&summary.scenario.name);
        card(summary, standing, index)
    });
    format!(
        "<section id=\"verdict\">\n<h2>Verdict</h2>\n{method}<div class=\"verdicts\">\n{}</div>\n</section>\n",
        cards.collect::<String>()
    )
}

fn card(summary: &ScenarioSummary, standing: Option<&Standing>, index: usize) -> String {
    let name = escape(&summary.scenario.name);
    let (won, outcome) = match standing {
        Some(standing) => (standing.tied().next().is_none(), outcome(standing)),
        None => (
            false,
            "<p>No two strategies have figures that may be compared.</p>\n".into(),
        ),
    };
    let class = if won { "verdict won" } else { "verdict" };
    format!(
        "<article class=\"{class}\">\n<h3><a href=\"#scenario-{index}\">{name}</a></h3>\n{outcome}{}\
         </article>\n",
        beware(summary, standing)
    )
}

fn outcome(standing: &Standing) -> String {
    let leader = escape(standing.leader);
    let metric = standing.metric.name();
    let tied: Vec<&str> = standing.tied().collect();
    let headline = if tied.is_empty() {
        format!("{leader} wins in {metric}")
    } else if tied.len() == standing.rivals.len() {
        format!("No winner in {metric}")
    } else {
        format!("{leader} leads in {metric}, but not alone")
    };
    let tied = match tied.len() {
        0 => String::new(),
        all if all == standing.rivals.len() && all > words::LISTED => {
            format!("<li>{leader} has the best figures; no difference shown to any other</li>\n")
        }
        _ => format!(
            "<li>{leader} has the best figures; no difference shown to {}</li>\n",
            escape(&words::listed(&tied))
        ),
    };
    let others: Vec<String> = standing.rivals.iter().filter_map(ahead_of).collect();
    let (closest, others) = others.split_at(others.len().min(words::LISTED));
    let (closest, others) = (closest.concat(), folded(others));
    format!("<p class=\"winner\">{headline}</p>\n<ul>\n{closest}{tied}</ul>\n{others}")
}

/// What the leader is further ahead of.
fn folded(others: &[String]) -> String {
    match others.len() {
        0 => String::new(),
        more => format!(
            "<details>\n<summary>and further ahead of {more} more</summary>\n<ul>\n{}</ul>\n</details>\n",
            others.concat()
        ),
    }
}

/// By how much the leader is ahead of a strategy that it was shown to be better than.
fn ahead_of(rival: &Comparison) -> Option<String> {
    let Ratio {
        estimate,
        low,
        high,
    } = rival.ratio.filter(|_| rival.verdict == Verdict::Better)?;
    let [estimate, low, high] = [estimate, low, high].map(change);
    Some(format!(
        "<li><b>{estimate}</b> ({low} to {high}) against {}</li>\n",
        escape(rival.baseline)
    ))
}

/// A ratio as a change: `+12.3%`, `−40%`, `3.4 ×`.
pub(super) fn change(ratio: f64) -> String {
    if ratio >= 2.0 {
        return format!("{} ×", units::count(ratio));
    }
    let sign = if ratio < 1.0 { "−" } else { "+" };
    format!("{sign}{}", units::percent((ratio - 1.0).abs()))
}

/// What may spoil the verdict: what was recorded of trials, and too few blocks.
fn beware(summary: &ScenarioSummary, standing: Option<&Standing>) -> String {
    let recorded = summary.remarks.iter().map(|remark| {
        let label = remark.kind.label();
        format!(
            "<b>{label}:</b> {}",
            escape(&words::sentence(remark, summary))
        )
    });
    let all: String = too_few(standing)
        .into_iter()
        .chain(recorded)
        .map(|text| format!("<li>{text}</li>\n"))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    format!(
        "<details open>\n<summary class=\"beware\">Beware</summary>\n<ul>\n{all}</ul>\n</details>\n"
    )
}

fn too_few(standing: Option<&Standing>) -> Option<String> {
    let rivals = &standing?.rivals;
    let undecided = || {
        rivals
            .iter()
            .filter(|r| r.verdict == Verdict::NoDifferenceShown)
    };
    let needed = undecided().filter_map(|r| r.blocks_needed).max()?;
    let blocks = undecided().map(|r| r.blocks).min()?;
    Some(format!(
        "<b>too few blocks:</b> {} compared; going by the spread so far, a difference of 5% takes {}",
        units::plural(blocks, "block"),
        units::whole(needed as u64)
    ))
}
