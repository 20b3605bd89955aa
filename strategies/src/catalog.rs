//! Every strategy that evenkeel knows.
//!
//! The command line, the conformance suite, the benches and the documentation iterate over
//! [`ALL`]. A new strategy is one new file under `mechanism/`, and one line here; a policy has its line in
//! [`policy`](crate::policy).

use std::path::Path;
use std::sync::LazyLock;

use evenkeel_common::suggest::{nearest, suggestion};
use thiserror::Error;

use crate::mechanism::handoff::Handoff;
use crate::mechanism::nat::Nat;
use crate::mechanism::peer::{self, Peer, RecipeError};
use crate::mechanism::proxy::Proxy;
use crate::mechanism::reuseport::Reuseport;
use crate::mechanism::shared_listener::SharedListener;
use crate::mechanism::single::Single;
use crate::mechanism::splice::Splice;
use crate::mechanism::splice_sockmap::SpliceSockmap;
use crate::mechanism::threads::Threads;
use crate::policy::{FOR_CONNECTIONS, FOR_REQUESTS_ONLY};
use crate::strategy::{Strategy, mechanism_of};

/// Strategies without a policy of ours: who gets the next connection is not up to us.
static WITHOUT_POLICY: &[&dyn Strategy] = &[
    &Single,
    &SharedListener::EDGE,
    &SharedListener::HERD,
    &SharedListener::EXCLUSIVE,
    &SharedListener::BLOCKING,
    &SharedListener::MUTEX,
    &Reuseport::HASH,
    &Reuseport::CPU,
    &Reuseport::RANDOM,
    &Reuseport::LEAST,
    &Threads::WORK_STEALING,
    &Threads::PER_CORE,
    &Nat::ROUND_ROBIN,
    &Nat::RANDOM,
    &Nat::SOURCE_HASH,
    &Nat::IPTABLES,
];

/// What is weighed where nobody says what: what people choose between most often, so that a
/// run without arguments stays short however long the catalogue grows.
pub static CORE: &[&str] = &[
    "single",
    "shared-listener",
    "reuseport",
    "handoff:round-robin",
    "handoff:idle",
    "handoff:random",
    "handoff:sticky",
    "proxy:round-robin",
];

/// Every strategy, in the order in which lists and reports show them: ours, and then the peers.
pub static ALL: LazyLock<Vec<&'static dyn Strategy>> = LazyLock::new(|| {
    // A test excludes recipes that cannot be used.
    let peers = Peer::built_in().into_iter().flatten().flatten();
    OURS.iter().copied().chain(peers.map(lasting)).collect()
});

/// Every strategy of ours.
pub static OURS: LazyLock<Vec<&'static dyn Strategy>> = LazyLock::new(|| {
    let handoffs = FOR_CONNECTIONS
        .iter()
        .map(|kind| lasting(Handoff::new(kind)));
    let splices = FOR_CONNECTIONS
        .iter()
        .map(|kind| lasting(Splice::new(kind)));
    let sockmaps = FOR_CONNECTIONS
        .iter()
        .map(|kind| lasting(SpliceSockmap::new(kind)));
    let proxies = FOR_CONNECTIONS.iter().chain(FOR_REQUESTS_ONLY);
    let proxies = proxies.map(|kind| lasting(Proxy::new(kind)));
    let others = WITHOUT_POLICY.iter().copied();
    others
        .chain(handoffs)
        .chain(splices)
        .chain(sockmaps)
        .chain(proxies)
        .collect()
});

/// The catalogue stays as long as the process does.
fn lasting(strategy: impl Strategy + 'static) -> &'static dyn Strategy {
    Box::leak(Box::new(strategy))
}

/// Other names that are accepted for a key.
pub static ALIASES: &[(&str, &str)] = &[
    ("master-round-robin", "handoff:round-robin"),
    ("fd-random", "handoff:random"),
    ("fd-sticky", "handoff:sticky"),
    ("reverse-proxy", "proxy:round-robin"),
];

/// The catalogue and the peers of these recipes, each with its variants.
///
/// # Errors
/// [`RecipeError`] for the first recipe that cannot be used, or whose name is taken.
pub fn with_peers<P: AsRef<Path>>(
    recipes: &[P],
) -> Result<Vec<&'static dyn Strategy>, RecipeError> {
    let mut strategies = ALL.clone();
    for path in recipes.iter().map(AsRef::as_ref) {
        let peers = peers_of(path)?;
        if let Some(taken) = peers.iter().find(|peer| is_key(peer.key(), &strategies)) {
            return Err(RecipeError::Taken {
                path: path.to_owned(),
                key: taken.key().to_owned(),
            });
        }
        strategies.extend(peers);
    }
    Ok(strategies)
}

/// The peer of a recipe on disk, and after it its variants.
fn peers_of(recipe: &Path) -> Result<Vec<&'static dyn Strategy>, RecipeError> {
    let peers = Peer::from_file(recipe)?.into_iter();
    Ok(peers.map(lasting).collect())
}

/// The strategies that these names stand for, each once, in the order of the catalogue.
///
/// A name is a key, an alias, a mechanism (all its strategies), `NAME:*` (the same, where the name
/// is itself a key), `core`, `ours` or `all`.
///
/// # Errors
/// [`UnknownStrategy`] for the first name that stands for nothing.
pub fn select<N: AsRef<str>>(names: &[N]) -> Result<Vec<&'static dyn Strategy>, UnknownStrategy> {
    select_among(&ALL, names)
}

/// The same among these strategies, in their order.
///
/// # Errors
/// As of [`select`].
pub fn select_among<N: AsRef<str>>(
    strategies: &[&'static dyn Strategy],
    names: &[N],
) -> Result<Vec<&'static dyn Strategy>, UnknownStrategy> {
    let mut selected = vec![false; strategies.len()];
    for name in names.iter().map(AsRef::as_ref) {
        let is_key = is_key(name, strategies);
        let mut stands_for_any = false;
        for (strategy, selected) in strategies.iter().zip(&mut selected) {
            let named = stands_for(name, is_key, strategy.key());
            stands_for_any |= named;
            *selected |= named;
        }
        if !stands_for_any {
            return Err(UnknownStrategy::new(name, strategies));
        }
    }
    let selected = strategies.iter().zip(selected).filter(|(_, named)| *named);
    Ok(selected.map(|(strategy, _)| *strategy).collect())
}

fn stands_for(name: &str, name_is_key: bool, key: &str) -> bool {
    let key_of_alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map(|(_, key)| *key);
    let stem = name
        .strip_suffix(":*")
        .or(Some(name).filter(|_| !name_is_key));
    let is_of = |stem: &str| {
        key.strip_prefix(stem)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    name == "all"
        || name == "core" && CORE.contains(&key)
        || name == "ours" && mechanism_of(key) != peer::MECHANISM
        || name == key
        || stem.is_some_and(is_of)
        || key_of_alias == Some(key)
}

fn is_key(name: &str, strategies: &[&'static dyn Strategy]) -> bool {
    strategies.iter().any(|strategy| strategy.key() == name)
}

/// A name that stands for no strategy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "there is no strategy `{name}`{}; `evenkeel list` shows all of them",
    suggestion(*nearest)
)]
pub struct UnknownStrategy {
    /// What was asked for.
    pub name: String,
    /// The accepted name that looks most like it, if one does.
    pub nearest: Option<&'static str>,
}

impl UnknownStrategy {
    fn new(name: &str, strategies: &[&'static dyn Strategy]) -> Self {
        let keys = strategies.iter().map(|strategy| strategy.key());
        let mechanisms = strategies
            .iter()
            .map(|strategy| mechanism_of(strategy.key()));
        let aliases = ALIASES.iter().map(|(alias, _)| *alias);
        let known = keys.chain(mechanisms).chain(aliases);
        let nearest = nearest(name, known.chain(["all", "core", "ours"]));
        let name = name.to_owned();
        Self { name, nearest }
    }
}

#[cfg(test)]
mod tests;
