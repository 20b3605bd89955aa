//! One of our strategies and a peer of the same design, under one scenario.

use super::comparison::Comparison;
use super::metric::Metric;
use crate::palette::SeriesStyle;
use crate::stats::ScenarioSummary;

/// One of our strategies and a peer of the same design, under one scenario.
pub(crate) struct PeerPair<'c> {
    /// Key of our strategy.
    pub(crate) ours: &'c str,
    /// Key of the peer.
    pub(crate) peer: &'c str,
    /// The same without the mechanism.
    short_key: &'c str,
    /// How the peer is drawn.
    pub(crate) style: SeriesStyle,
    /// Whether the peer is out of parity.
    pub(crate) differs: bool,
    /// One comparison per metric.
    pub(crate) compared: Vec<&'c Comparison<'c>>,
}

/// Returns the pairs of a scenario, in the order of our strategies in the plan.
pub(crate) fn peer_pairs<'c>(
    summary: &'c ScenarioSummary,
    all: &'c [Comparison<'c>],
) -> Vec<PeerPair<'c>> {
    let mut pairs: Vec<PeerPair> = Vec::new();
    let position = |key: &str| summary.strategies.iter().position(|s| s.strategy == key);
    let here = |of_peer: &&Comparison| of_peer.scenario == summary.scenario.name;
    for of_peer in all.iter().filter(here) {
        let (peer, ours) = (of_peer.baseline, of_peer.candidate);
        let is_it = |pair: &&mut PeerPair| (pair.peer, pair.ours) == (peer, ours);
        if let Some(pair) = pairs.iter_mut().find(is_it) {
            pair.compared.push(of_peer);
            continue;
        }
        let system = position(peer).map(|at| &summary.strategies[at]);
        pairs.extend(system.map(|system| PeerPair {
            ours,
            peer,
            short_key: system.record.short_key(),
            style: system.style,
            differs: !system.differs.is_empty(),
            compared: vec![of_peer],
        }));
    }
    // A pair without a figure in the first metric comes last so far.
    pairs.sort_by_key(|pair| (position(pair.ours), position(pair.peer)));
    pairs
}

impl<'c> PeerPair<'c> {
    /// `handoff:idle : node-cluster-rr`, with `†` if the peer is out of parity.
    pub(crate) fn name(&self) -> String {
        format!("{} : {}", self.ours, self.peer_name())
    }

    /// `node-cluster-rr`, with `†` if it is out of parity.
    pub(crate) fn peer_name(&self) -> String {
        let mark = if self.differs { " †" } else { "" };
        format!("{}{mark}", self.short_key)
    }

    pub(crate) fn in_metric(&self, metric: Metric) -> Option<&'c Comparison<'c>> {
        let mut all = self.compared.iter().copied();
        all.find(|of_peer| of_peer.metric == metric)
    }

    pub(crate) fn comparisons(&self) -> impl Iterator<Item = &'c Comparison<'c>> {
        self.compared.iter().copied()
    }

    /// Blocks in which both have a valid figure.
    pub(crate) fn blocks(&self) -> usize {
        self.comparisons().map(|one| one.blocks).max().unwrap_or(0)
    }
}
