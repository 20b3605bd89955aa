//! Which strategies are far worse than the best.

use super::scenario::ScenarioAnswer;
use super::standing::{Behind, FAR, Place, Standing};
use super::words::{by, joined};
use crate::units::plural;

/// Strategies that are at least [`FAR`] behind.
pub(super) fn sentences(scenarios: &[ScenarioAnswer]) -> Vec<String> {
    let each = scenarios.iter().filter_map(|here| {
        let seen = || sentence(here, Standing::Behind);
        sentence(here, Standing::Worse).or_else(seen)
    });
    each.collect()
}

/// Names the strategies that are far behind with this standing, the worst first.
fn sentence(here: &ScenarioAnswer, standing: Standing) -> Option<String> {
    let mut far: Vec<(&str, Behind)> = here
        .places()
        .filter(|place| place.standing == standing)
        .filter_map(far_behind)
        .collect();
    far.sort_by(|(_, a), (_, b)| b.least_factor().total_cmp(&a.least_factor()));
    let keys: Vec<&str> = far.iter().map(|(key, _)| *key).collect();
    let ends = || far.iter().flat_map(|(_, behind)| behind.ends());
    let low = ends().min_by(f64::total_cmp)?;
    let high = ends().max_by(f64::total_cmp)?;
    let (by, than) = by(here.metric?, low, high);
    let fewest = far.iter().map(|(_, behind)| behind.blocks).min()?;
    let blocks = plural(fewest, "block");
    let certainty = match standing {
        Standing::Worse => format!(" ({blocks})"),
        _ if fewest == 1 => ", in one valid block".to_owned(),
        _ if far.iter().all(|(_, behind)| behind.is_confident()) => {
            format!(" in the {blocks} so far, which is not shown yet")
        }
        _ => format!(", in each of {blocks} so far"),
    };
    let (scenario, leader) = (here.scenario, here.leader()?);
    let who = joined(&keys, "and");
    Some(format!(
        "{who} for {scenario}: {by} {than} {leader}{certainty}."
    ))
}

fn far_behind<'a>(place: &Place<'a>) -> Option<(&'a str, Behind)> {
    let behind = place.behind?;
    (behind.least_factor() >= FAR).then_some((place.strategy, behind))
}
