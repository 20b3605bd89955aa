//! What came out under a scenario.

use minijinja::{Value, context};

use super::value;
use crate::compare::{Comparison, Ratio, ScenarioLeader, Verdict};
use crate::document::Note;
use crate::side_by_side::table;
use crate::topic::sentences;
use crate::units;

/// Returns the values of a verdict; `standing` is absent if no two strategies can be compared.
pub(super) fn of(standing: Option<&ScenarioLeader>, remarks: &[Note]) -> Value {
    let mut beware: Vec<Note> = standing.and_then(too_few).into_iter().collect();
    beware.extend_from_slice(remarks);
    let Some(standing) = standing else {
        return context! { beware => value(beware) };
    };
    let ahead: Vec<Value> = standing.rivals.iter().filter_map(ahead_of).collect();
    let (closest, others) = ahead.split_at(ahead.len().min(sentences::LISTED));
    let tied: Vec<&str> = standing.tied().collect();
    context! {
        won => tied.is_empty(),
        headline => headline(standing, tied.len()),
        tied => with_the_same(standing, &tied),
        closest => closest.to_vec(),
        others => others.to_vec(),
        beware => value(beware),
    }
}

fn headline(standing: &ScenarioLeader, tied: usize) -> String {
    let (leader, metric) = (standing.leader, standing.metric.name());
    match tied {
        0 => format!("{leader} wins in {metric}"),
        all if all == standing.rivals.len() => format!("No winner in {metric}"),
        _ => format!("{leader} leads in {metric}, but not alone"),
    }
}

/// Which strategies were not shown to be behind the leader.
fn with_the_same(standing: &ScenarioLeader, tied: &[&str]) -> Option<String> {
    let leader = standing.leader;
    let others = match tied.len() {
        0 => return None,
        all if all == standing.rivals.len() && all > sentences::LISTED => "any other".to_owned(),
        _ => sentences::listed(tied),
    };
    Some(format!(
        "{leader} has the best figures; no difference shown to {others}"
    ))
}

/// By how much the leader is ahead of a strategy, if that is shown.
fn ahead_of(rival: &Comparison) -> Option<Value> {
    let ratio = rival.ratio.filter(|_| rival.verdict == Verdict::Better)?;
    let [estimate, low, high] = changes(ratio);
    Some(context! { estimate, low, high, rival => rival.baseline })
}

/// A ratio and the ends of its interval as changes.
pub(super) fn changes(ratio: Ratio) -> [String; 3] {
    [ratio.estimate, ratio.low, ratio.high].map(change)
}

/// A ratio as a change: `+12.3%`, `−40%`, `3.4 ×`.
fn change(ratio: f64) -> String {
    if ratio >= 2.0 {
        return format!("{} ×", units::count(ratio));
    }
    let sign = if ratio < 1.0 { "−" } else { "+" };
    format!("{sign}{}", units::percent((ratio - 1.0).abs()))
}

fn too_few(standing: &ScenarioLeader) -> Option<Note> {
    let rivals = standing.rivals.iter();
    let undecided = rivals.filter(|rival| rival.verdict == Verdict::NoDifferenceShown);
    let needed = undecided.clone().filter_map(|r| r.blocks_needed).max()?;
    let blocks = undecided.map(|rival| rival.blocks).min()?;
    let text = format!(
        "{} compared; given the spread so far, finding a difference of 5% takes {}",
        units::plural(blocks, "block"),
        table::blocks(needed)
    );
    Some(Note::labelled("too few blocks", text))
}
