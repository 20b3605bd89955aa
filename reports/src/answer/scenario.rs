//! What came out under one scenario.

use serde::Serialize;

use super::standing::{Few, Place, Standing};
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
    /// Strategies with a figure in too few blocks for a rank.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub too_few: Vec<Few<'a>>,
    /// Valid blocks that a rank takes; 0 if no strategy has one.
    pub rank_takes: usize,
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
    let too_few = ranking.iter().flat_map(|ranking| &ranking.too_few);
    let too_few: Vec<Few> = too_few.map(Few::of).collect();
    let with_place = groups.iter().flatten().map(|place| place.strategy);
    let with_figures = with_place.chain(too_few.iter().map(|few| few.strategy));
    let with_figures: Vec<&str> = with_figures.collect();
    let is_unranked = |key: &&str| !with_figures.contains(key);
    let strategies = summary.strategies.iter().map(|one| one.strategy);
    let blocks = groups.iter().flatten().filter_map(|place| place.behind);
    ScenarioAnswer {
        scenario: &summary.scenario.name,
        metric: ranking.map(|ranking| ranking.metric),
        blocks: blocks.map(|behind| behind.blocks).min().unwrap_or(0),
        rank_takes: ranking.map_or(0, |ranking| ranking.enough),
        unranked: strategies.filter(is_unranked).collect(),
        too_few,
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

    /// What a strategy has that has too few blocks for a rank.
    pub(crate) fn few(&self, strategy: &str) -> Option<&Few<'a>> {
        self.too_few.iter().find(|few| few.strategy == strategy)
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

    /// Whether every strategy has a rank.
    pub(super) fn is_whole(&self) -> bool {
        self.unranked.is_empty() && self.too_few.is_empty()
    }

    /// Whether something of the order is only seen so far, and not shown.
    pub(super) fn is_provisional(&self) -> bool {
        let is_open = |place: &Place| matches!(place.standing, Standing::Behind | Standing::Open);
        self.places().any(is_open)
    }
}
