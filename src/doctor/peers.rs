//! Which other systems can take part in a study on this host.

use std::collections::BTreeMap;

use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Host, Strategy, check_all};
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

/// Looks at these systems, once for each and its variants.
pub(crate) fn examine(peers: &[&'static Peer]) -> Vec<Health> {
    let peers = peers.iter().copied().filter(|peer| !peer.is_variant());
    // Each remembers what it finds, and to find it for all at the same time is quicker.
    let strategies: Vec<&dyn Strategy> = peers.clone().map(|peer| peer as _).collect();
    let _found = check_all(&strategies, &Host::probe());
    peers.map(Health::of).collect()
}
