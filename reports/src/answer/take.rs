//! Which strategies to take for which load.

use super::scenario::ScenarioAnswer;
use super::words::{by, joined, name, short};
use crate::compare::MIN_BLOCKS;
use crate::units::plural;

/// From this number of strategies on, those that are not to be taken are named if they are fewer.
const MANY: usize = 4;

pub(super) fn sentences(scenarios: &[ScenarioAnswer]) -> Vec<String> {
    let each = scenarios.iter().filter_map(of_one);
    across(scenarios).into_iter().chain(each).collect()
}

/// Strategies that are among the best under every load.
fn across(scenarios: &[ScenarioAnswer]) -> Option<String> {
    let mut ranked = scenarios.iter().filter(|here| here.is_comparable());
    let first = ranked.next()?;
    let others: Vec<Vec<&str>> = ranked.map(ScenarioAnswer::best).collect();
    let mut everywhere = first.best();
    everywhere.retain(|key| others.iter().all(|best| best.contains(key)));
    (!others.is_empty() && !everywhere.is_empty()).then(|| {
        let all = match others.len() + 1 {
            2 => "both scenarios".to_owned(),
            number => format!("all {}", plural(number, "scenario")),
        };
        format!(
            "{} for {all}: among the best under each.",
            joined(&everywhere, "or")
        )
    })
}

fn of_one(here: &ScenarioAnswer) -> Option<String> {
    let metric = name(here.metric?);
    let (scenario, best) = (here.scenario, here.best());
    let ranked: Vec<&str> = here.places().map(|place| place.strategy).collect();
    let so_far = if here.is_provisional() { " so far" } else { "" };
    if !here.is_comparable() {
        return None;
    }
    if best.len() == 1 {
        let (leader, next) = (best[0], next_after(here).unwrap_or_default());
        return Some(format!(
            "{leader} for {scenario}: best in {metric}{so_far}{next}."
        ));
    }
    let others: Vec<&str> = ranked
        .iter()
        .copied()
        .filter(|key| !best.contains(key))
        .collect();
    let who = match others.is_empty() {
        true if here.is_whole() => format!("any of the {}", best.len()),
        false if best.len() >= MANY.max(others.len()) && here.is_whole() => {
            format!("any but {}", joined(&others, "and"))
        }
        _ => joined(&best, "or"),
    };
    let apart = most_apart(here);
    Some(format!(
        "{who} for {scenario}: tied in {metric}{so_far}{apart}."
    ))
}

/// By how much the best of the others is behind.
fn next_after(here: &ScenarioAnswer) -> Option<String> {
    let mut others = here.places().filter(|place| !place.is_among_the_best());
    let (next, behind) = others.find_map(|place| Some((place.strategy, place.behind?)))?;
    let [low, high] = behind.ends();
    let (by, _) = by(behind.metric, low, high);
    Some(format!("; the next, {next}, has {by}"))
}

/// How far tied strategies are apart in the figures, if there are blocks enough to say so.
fn most_apart(here: &ScenarioAnswer) -> String {
    let tied = here.places().filter(|place| place.is_among_the_best());
    let behind = tied.filter_map(|place| place.behind);
    let farthest = behind.max_by(|a, b| a.estimate.ln().abs().total_cmp(&b.estimate.ln().abs()));
    match farthest.filter(|_| here.blocks >= MIN_BLOCKS) {
        Some(farthest) => {
            let by = short(&farthest);
            let by = by.trim_start_matches(['+', '−']);
            format!("; figures differ by up to {by}")
        }
        None => String::new(),
    }
}
