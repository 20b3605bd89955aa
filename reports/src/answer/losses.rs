//! Who loses nothing while its fleet changes, and who loses what.

use super::words::{joined, listed};
use crate::stats::{ChangeFigures, ScenarioSummary};
use crate::units::{count, plural, whole};

/// Returns a sentence on those that lose nothing and one on the others, scenario by scenario.
pub(super) fn sentences(summaries: &[ScenarioSummary]) -> Vec<String> {
    let each = summaries.iter().flat_map(|summary| {
        let strategies = summary.strategies.iter();
        let changed = strategies.filter_map(|one| Some((one.strategy, one.changes.as_ref()?)));
        let complete = changed.filter(|(_, figures)| figures.changes > 0);
        let (lossless, lossy): (Vec<_>, Vec<_>) =
            complete.partition(|(_, figures)| figures.lost.is_empty());
        let name = summary.scenario.name.as_str();
        [nothing(name, &lossless), something(name, lossy)]
    });
    each.flatten().collect()
}

type Figures<'a> = (&'a str, &'a ChangeFigures);

/// Names those that lost nothing, with the fewest changes that one of them has made.
fn nothing(scenario: &str, lossless: &[Figures]) -> Option<String> {
    let fewest = lossless
        .iter()
        .min_by_key(|(_, figures)| figures.changes)?
        .1;
    let keys: Vec<&str> = lossless.iter().map(|(key, _)| *key).collect();
    let verb = if keys.len() == 1 { "loses" } else { "lose" };
    let each = if keys.len() == 1 { "" } else { " each" };
    let changes = plural(fewest.changes, "change");
    let bound = fewest.at_most.map_or_else(String::new, |share| {
        format!("; at most 1 change in {} loses one (95%)", one_in(share))
    });
    Some(format!(
        "{} {verb} nothing under {scenario}: 0 requests in {changes}{each}{bound}.",
        joined(&keys, "and")
    ))
}

/// Names those that lost requests, the worst first, with what they lost.
fn something(scenario: &str, mut lossy: Vec<Figures>) -> Option<String> {
    let per_change = |figures: &ChangeFigures| figures.lost_per_change.map_or(0.0, |it| it.mean);
    lossy.sort_by(|(_, a), (_, b)| per_change(b).total_cmp(&per_change(a)));
    let each = lossy.iter().map(|(key, figures)| {
        let classes = figures.lost.iter();
        let classes: Vec<String> = classes
            .map(|(class, lost)| format!("{lost} {class}"))
            .collect();
        let changes = plural(figures.changes, "change");
        format!(
            "{key} {} per change ({} in {changes})",
            count(per_change(figures)),
            listed(&classes)
        )
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| format!("requests lost under {scenario}: {}.", each.join("; ")))
}

/// Of how many changes one may lose a request, for an upper bound of the share of those that do.
pub(crate) fn one_in(share: f64) -> String {
    whole((1.0 / share).floor() as u64)
}
