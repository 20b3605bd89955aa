//! Which other systems can take part in a study on this host.

use std::collections::BTreeMap;

use evenkeel_strategies::Strategy;
use evenkeel_strategies::mechanism::peer::Peer;
use serde::Serialize;

/// What was found of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Health {
    /// The key of its strategy.
    pub(crate) peer: String,
    /// Whether it can take part.
    pub(crate) ready: bool,
    /// Versions of its programs and modules, by name, where it is ready.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) versions: BTreeMap<String, String>,
    /// What is missing otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) get: Option<String>,
}

impl Health {
    fn of(peer: &Peer) -> Self {
        let found = peer.installed();
        let missing = found.err();
        Self {
            peer: peer.key().to_owned(),
            ready: found.is_ok(),
            versions: found.map_or_else(|_| BTreeMap::new(), |found| found.versions.clone()),
            problem: missing.map(|missing| missing.problem.clone()),
            get: missing.map(|missing| missing.get.clone()),
        }
    }
}

/// Looks at all systems among these strategies, once for each and its variants.
pub(crate) fn examine(strategies: &[&'static dyn Strategy]) -> Vec<Health> {
    let peers = strategies.iter().filter_map(|strategy| strategy.peer());
    let peers: Vec<&Peer> = peers.filter(|peer| !peer.is_variant()).collect();
    Peer::find_all(peers.iter().copied());
    peers.into_iter().map(Health::of).collect()
}
