//! What came out under one scenario.

use serde::Serialize;

use super::standing::{Place, Standing};
use crate::compare::{Metric, Ranked, Ranking};
use crate::stats::ScenarioSummary;

/// What came out under one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioAnswer<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The metric that decides; absent if no strategy has figures that may be compared.
    pub metric: Option<Metric>,
    /// The fewest blocks that a strategy and the leader have in common; 0 without a pair.
    pub blocks: usize,
    /// The ranked strategies in groups from best to worst: those of one group cannot be told apart from
    /// its first. Within a group the best figures come first.
    pub groups: Vec<Vec<Place<'a>>>,
    /// Keys of strategies without figures that may be compared.
    pub unranked: Vec<&'a str>,
}

/// Returns the answer of a scenario; `ranking` is absent if no strategy can be ranked.
pub(super) fn of<'a>(
    summary: &ScenarioSummary<'a>,
    ranking: Option<&Ranking<'a>>,
    margin: f64,
) -> ScenarioAnswer<'a> {
    let groups = ranking.map_or(Vec::new(), |ranking| groups(ranking, margin));
    let is_ranked = |key: &str| groups.iter().flatten().any(|place| place.strategy == key);
    let strategies = summary.strategies.iter().map(|one| one.strategy);
    let blocks = groups.iter().flatten().filter_map(|place| place.behind);
    ScenarioAnswer {
        scenario: &summary.scenario.name,
        metric: ranking.map(|ranking| ranking.metric),
        blocks: blocks.map(|behind| behind.blocks).min().unwrap_or(0),
        unranked: strategies.filter(|key| !is_ranked(key)).collect(),
        groups,
    }
}

fn groups<'a>(ranking: &Ranking<'a>, margin: f64) -> Vec<Vec<Place<'a>>> {
    let leader = ranking.leader().strategy;
    let place = |one: &Ranked<'a>| {
        let leads = one.strategy == leader;
        Place::of(one.strategy, one.to_leader.as_ref(), leads, margin)
    };
    let groups = ranking.groups.iter();
    groups
        .map(|group| group.iter().map(place).collect())
        .collect()
}

impl<'a> ScenarioAnswer<'a> {
    /// The ranked strategies, from best to worst.
    pub fn places(&self) -> impl Iterator<Item = &Place<'a>> {
        self.groups.iter().flatten()
    }

    /// Where a strategy stands, if it is ranked.
    pub fn place(&self, strategy: &str) -> Option<&Place<'a>> {
        self.places().find(|place| place.strategy == strategy)
    }

    /// Key of the leader.
    pub fn leader(&self) -> Option<&'a str> {
        self.places().next().map(|place| place.strategy)
    }

    /// The leader and the strategies that cannot be told apart from it.
    pub(super) fn best(&self) -> Vec<&'a str> {
        let best = self.places().filter(|place| place.is_among_the_best());
        best.map(|place| place.strategy).collect()
    }

    /// Whether two strategies were compared.
    pub(super) fn is_comparable(&self) -> bool {
        self.blocks > 0
    }

    /// Whether something of the order is only seen so far, and not shown.
    pub(super) fn is_provisional(&self) -> bool {
        self.places()
            .any(|place| place.standing == Standing::Behind)
    }
}
