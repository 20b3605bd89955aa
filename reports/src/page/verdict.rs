//! What came out under a scenario.

use minijinja::{Value, context};

use super::value;
use crate::answer::{LISTED, listed};
use crate::compare::{Comparison, Ranking, Ratio, Verdict};
use crate::document::Note;
use crate::side_by_side::table;
use crate::units;

/// Returns the values of a verdict; `standing` is absent if no two strategies can be compared.
pub(super) fn of(standing: Option<&Ranking>, remarks: &[Note]) -> Value {
    let mut beware: Vec<Note> = standing.and_then(too_few).into_iter().collect();
    beware.extend_from_slice(remarks);
    let Some(standing) = standing else {
        return context! { beware => value(beware) };
    };
    let ahead: Vec<Value> = to_leader(standing).filter_map(ahead_of).collect();
    let (closest, others) = ahead.split_at(ahead.len().min(LISTED));
    let tied: Vec<&str> = standing.tied().iter().map(|one| one.strategy).collect();
    context! {
        won => tied.is_empty(),
        headline => headline(standing, tied.len()),
        tied => with_the_same(standing, &tied),
        closest => closest.to_vec(),
        others => others.to_vec(),
        beware => value(beware),
    }
}

fn headline(standing: &Ranking, tied: usize) -> String {
    let (leader, metric) = (standing.leader().strategy, standing.metric.name());
    match tied {
        0 => format!("{leader} wins in {metric}"),
        all if all == standing.rivals().count() => format!("No winner in {metric}"),
        _ => format!("{leader} leads in {metric}, but not alone"),
    }
}

/// Which strategies were not shown to be behind the leader.
fn with_the_same(standing: &Ranking, tied: &[&str]) -> Option<String> {
    let leader = standing.leader().strategy;
    let others = match tied.len() {
        0 => return None,
        all if all == standing.rivals().count() && all > LISTED => "any other".to_owned(),
        _ => listed(tied),
    };
    Some(format!(
        "{leader} has the best figures; no difference shown to {others}"
    ))
}

/// By how much the leader is ahead of a strategy, if that is shown.
fn ahead_of(rival: &Comparison) -> Option<Value> {
    let lead = rival.flipped();
    let ratio = lead.ratio.filter(|_| lead.verdict == Verdict::Better)?;
    let (estimate, interval) = changes(ratio);
    Some(context! { estimate, interval, rival => lead.baseline })
}

fn to_leader<'r, 'a>(standing: &'r Ranking<'a>) -> impl Iterator<Item = &'r Comparison<'a>> {
    standing
        .rivals()
        .filter_map(|rival| rival.to_leader.as_ref())
}

/// A ratio and its interval as changes.
pub(super) fn changes(ratio: Ratio) -> (String, Option<String>) {
    let interval = ratio.interval.map(|interval| interval.words(change));
    (change(ratio.estimate), interval)
}

/// A ratio as a change: `+12.3%`, `−40%`, `3.4 ×`.
fn change(ratio: f64) -> String {
    if ratio >= 2.0 {
        return format!("{} ×", units::count(ratio));
    }
    let sign = if ratio < 1.0 { "−" } else { "+" };
    format!("{sign}{}", units::percent((ratio - 1.0).abs()))
}

fn too_few(standing: &Ranking) -> Option<Note> {
    let undecided = to_leader(standing).filter(|c| c.verdict == Verdict::NoDifferenceShown);
    let undecided: Vec<_> = undecided.collect();
    let needed = undecided.iter().filter_map(|r| r.blocks_needed).max()?;
    let blocks = undecided.iter().map(|rival| rival.blocks).min()?;
    let text = format!(
        "{} compared; if the differences that were seen are real, showing all of them takes {}",
        units::plural(blocks, "block"),
        table::blocks(needed)
    );
    Some(Note::labelled("too few blocks", text))
}
