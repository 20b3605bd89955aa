//! Which peers can take part in a study on this host.

use std::collections::BTreeMap;

use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Host, Strategy, check_all};
use serde::Serialize;

/// Availability of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Health {
    /// Key of its strategy.
    pub(crate) peer: String,
    /// Whether it can take part.
    pub(crate) ready: bool,
    /// Versions of its programs and modules, by name, if it is ready.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) versions: BTreeMap<String, String>,
    /// What is missing, otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// How to install it.
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

/// Checks these peers; a peer and its variants are one.
pub(crate) fn examine(peers: &[&'static Peer]) -> Vec<Health> {
    let peers = peers.iter().copied().filter(|peer| !peer.is_variant());
    // Each peer remembers the result, and checking all at the same time is faster.
    let strategies: Vec<&dyn Strategy> = peers.clone().map(|peer| peer as _).collect();
    let _found = check_all(&strategies, &Host::probe());
    peers.map(Health::of).collect()
}
