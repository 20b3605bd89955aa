//! Every strategy that evenkeel knows.
//!
//! The command line, the conformance suite, the benches and the documentation iterate over
//! [`ALL`]. A new strategy is one new file under `mechanism/`, and one line here; a policy has its line in
//! [`policy`](crate::policy).

use std::path::Path;
use std::sync::LazyLock;

use evenkeel_common::suggest::{nearest, suggestion};
use thiserror::Error;

use crate::mechanism::peer::{Peer, RecipeError};
use crate::mechanism::{DISPATCHED, Dispatched, WITHOUT_POLICY};
use crate::strategy::Strategy;

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
pub static ALL: LazyLock<Vec<&'static dyn Strategy>> =
    LazyLock::new(|| all_with(built_in_peers().iter().copied()));

/// Every strategy of ours.
pub static OURS: LazyLock<Vec<&'static dyn Strategy>> = LazyLock::new(|| {
    let mut ours = WITHOUT_POLICY.to_vec();
    for mechanism in DISPATCHED {
        for policy in mechanism.policies() {
            ours.push(lasting(Dispatched::new(mechanism, policy)));
        }
    }
    ours
});

/// Peers that travel in the executable, each with its variants.
fn built_in_peers() -> &'static [&'static Peer] {
    static PEERS: LazyLock<Vec<&'static Peer>> = LazyLock::new(|| {
        // A test excludes recipes that cannot be used.
        let peers = Peer::built_in(&check_counterpart).into_iter();
        peers.flatten().flatten().map(lasting).collect()
    });
    &PEERS
}

fn all_with(peers: impl Iterator<Item = &'static Peer>) -> Vec<&'static dyn Strategy> {
    let peers = peers.map(|peer| peer as &dyn Strategy);
    OURS.iter().copied().chain(peers).collect()
}

/// Checks that a key stands for strategies of ours.
pub(crate) fn check_counterpart(key: &str) -> Result<(), String> {
    let selected = select_among(&OURS, &[key]);
    selected.map(drop).map_err(|unknown| unknown.to_string())
}

/// The catalogue stays as long as the process does.
fn lasting<S>(strategy: S) -> &'static S {
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
    Ok(all_with(peers(recipes)?.into_iter()))
}

/// The peers of the catalogue and those of these recipes, each with its variants.
///
/// # Errors
/// As [`with_peers`].
pub fn peers<P: AsRef<Path>>(recipes: &[P]) -> Result<Vec<&'static Peer>, RecipeError> {
    let mut all = built_in_peers().to_vec();
    for path in recipes.iter().map(AsRef::as_ref) {
        let peers = peers_of(path)?;
        let is_known = |key: &str| all.iter().any(|known| known.key() == key);
        if let Some(taken) = peers.iter().find(|peer| is_known(peer.key())) {
            return Err(RecipeError::Taken {
                path: path.to_owned(),
                key: taken.key().to_owned(),
            });
        }
        all.extend(peers.into_iter().map(lasting));
    }
    Ok(all)
}

/// The peer of a recipe on disk, and after it its variants.
///
/// # Errors
/// [`RecipeError`] with file and line.
pub fn peers_of(recipe: &Path) -> Result<Vec<Peer>, RecipeError> {
    Peer::from_file(recipe, &check_counterpart)
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
            let named = stands_for(name, is_key, *strategy);
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

fn stands_for(name: &str, name_is_key: bool, strategy: &dyn Strategy) -> bool {
    let key = strategy.key();
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
        || name == "ours" && !strategy.profile().is_peer
        || name == key
        || stem.is_some_and(is_of)
        || key_of_alias == Some(key)
}

/// Whether a name stands for a variant of the peer of this key.
pub fn is_variant(name: &str, key: &str) -> bool {
    name.strip_prefix(key)
        .is_some_and(|rest| rest.starts_with(':'))
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
            .map(|strategy| strategy.profile().mechanism);
        let aliases = ALIASES.iter().map(|(alias, _)| *alias);
        let known = keys.chain(mechanisms).chain(aliases);
        let nearest = nearest(name, known.chain(["all", "core", "ours"]));
        let name = name.to_owned();
        Self { name, nearest }
    }
}

#[cfg(test)]
mod tests;
