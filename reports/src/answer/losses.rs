//! Who loses nothing while its fleet changes, and who loses what.

use std::cmp::Reverse;

use super::words::{joined, listed};
use crate::stats::{ChangeFigures, ScenarioSummary};
use crate::units::{count, plural, whole};

/// Returns who loses nothing, a sentence for all scenarios in which it is the same strategies, and then who
/// loses what, scenario by scenario.
pub(super) fn sentences(summaries: &[ScenarioSummary]) -> Vec<String> {
    let all: Vec<UnderScenario> = summaries.iter().map(UnderScenario::of).collect();
    let mut groups: Vec<Vec<&UnderScenario>> = Vec::new();
    for one in all.iter().filter(|one| !one.lossless.is_empty()) {
        let same = groups
            .iter_mut()
            .find(|group| group[0].keys() == one.keys());
        match same {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    let nothing = groups.iter().map(|group| nothing(group));
    nothing
        .chain(all.iter().filter_map(something))
        .chain(all.iter().filter_map(sent_again))
        .collect()
}

type Figures<'a> = (&'a str, &'a ChangeFigures);

/// The strategies whose fleets changed under a scenario: those that lost nothing, and those that did, the
/// worst first.
struct UnderScenario<'a> {
    scenario: &'a str,
    lossless: Vec<Figures<'a>>,
    lossy: Vec<Figures<'a>>,
}

impl<'a> UnderScenario<'a> {
    fn of(summary: &'a ScenarioSummary) -> Self {
        let strategies = summary.strategies.iter();
        let changed = strategies.filter_map(|one| Some((one.strategy, one.changes.as_ref()?)));
        let complete = changed.filter(|(_, figures)| figures.changes > 0);
        let (lossless, mut lossy): (Vec<Figures>, Vec<Figures>) =
            complete.partition(|(_, figures)| figures.lost.is_empty());
        lossy.sort_by(|(_, a), (_, b)| per_change(b).total_cmp(&per_change(a)));
        Self {
            scenario: &summary.scenario.name,
            lossless,
            lossy,
        }
    }

    /// Keys of the strategies that lost nothing.
    fn keys(&self) -> Vec<&'a str> {
        self.lossless.iter().map(|(key, _)| *key).collect()
    }
}

fn per_change(figures: &ChangeFigures) -> f64 {
    figures.lost_per_change.map_or(0.0, |it| it.mean)
}

/// Names the strategies that lost nothing under these scenarios, with the fewest changes that one of them
/// made under one.
fn nothing(group: &[&UnderScenario]) -> String {
    let keys = group[0].keys();
    let scenarios: Vec<&str> = group.iter().map(|one| one.scenario).collect();
    let figures = || group.iter().flat_map(|one| &one.lossless);
    let changes = || figures().map(|(_, figures)| figures.changes);
    let fewest = changes().min().unwrap_or(0);
    let bounds = figures().map(|(_, figures)| figures.at_most);
    let bound = bounds.reduce(|a, b| Some(a?.max(b?))).flatten();
    let verb = if keys.len() == 1 { "loses" } else { "lose" };
    let each = match figures().count() {
        1 => "",
        _ if changes().all(|changes| changes == fewest) => " each",
        _ => " or more each",
    };
    let bound = match bound {
        Some(share) => format!("at most 1 change in {} loses one (95%)", one_in(share)),
        None => "too few to say how rarely one is lost".to_owned(),
    };
    format!(
        "{} {verb} nothing under {}: 0 requests in {}{each}; {bound}.",
        joined(&keys, "and"),
        joined(&scenarios, "and"),
        plural(fewest, "change"),
    )
}

/// Names those that lost requests, with what they lost, after how many changes, and who had it then.
fn something(under: &UnderScenario) -> Option<String> {
    let each = under.lossy.iter().map(|(key, figures)| {
        let classes = figures.lost.iter();
        let classes = classes.map(|(class, lost)| format!("{} {class}", whole(*lost)));
        format!(
            "{key} {} per change ({} in {}{})",
            count(per_change(figures)),
            listed(&classes.collect::<Vec<_>>()),
            changes(figures),
            who_had(figures)
        )
    });
    let each: Vec<String> = each.collect();
    let scenario = under.scenario;
    (!each.is_empty()).then(|| format!("requests lost under {scenario}: {}.", each.join("; ")))
}

fn changes(figures: &ChangeFigures) -> String {
    let all = plural(figures.changes, "change");
    match figures.lossy {
        Some(lossy) => format!("{} of {all}", whole(lossy as u64)),
        None => all,
    }
}

/// Who had the lost requests, as far as that is known.
fn who_had(figures: &ChangeFigures) -> String {
    let had = figures.had.iter();
    let had: Vec<String> = had
        .map(|(who, lost)| format!("{who} {}", whole(*lost)))
        .collect();
    match had.is_empty() {
        true => String::new(),
        false => format!("; who had them: {}", listed(&had)),
    }
}

/// Names those whose clients sent requests again, most first: a loss for clients that do not.
fn sent_again(under: &UnderScenario) -> Option<String> {
    let all = under.lossless.iter().chain(&under.lossy);
    let mut again: Vec<(&str, u64)> = all
        .filter_map(|(key, figures)| Some((*key, figures.sent_again?)))
        .filter(|(_, requests)| *requests > 0)
        .collect();
    again.sort_by_key(|(_, requests)| Reverse(*requests));
    let again: Vec<String> = again
        .into_iter()
        .map(|(key, requests)| format!("{key} {}", whole(requests)))
        .collect();
    let scenario = under.scenario;
    (!again.is_empty()).then(|| {
        format!(
            "sent again under {scenario}, so lost by clients that do not repeat requests: {}.",
            listed(&again)
        )
    })
}

/// Of how many changes one may lose a request, for an upper bound of the share of those that do.
pub(crate) fn one_in(share: f64) -> String {
    whole((1.0 / share).floor() as u64)
}
