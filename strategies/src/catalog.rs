//! The catalogue: all strategies.
//!
//! The command line, the conformance suite, the benches and the documentation iterate over [`ALL`]. A new
//! mechanism has a line in [`mechanism`](crate::mechanism), and a new policy in [`policy`](crate::policy).

use std::path::Path;
use std::sync::LazyLock;

use evenkeel_common::suggest::{nearest, suggestion};
use thiserror::Error;

use crate::defence::DefenceKind;
use crate::launch::UnmetRequirement;
use crate::mechanism::peer::{Peer, RecipeError};
use crate::mechanism::{DISPATCHED, Dispatched, WITHOUT_POLICY};
use crate::profile::CommandContract;
use crate::strategy::Strategy;

/// The strategies of a run without arguments: the most common choices. So such a run stays short when the
/// catalogue grows.
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

/// The strategies of a run without arguments if workers run a program of the user: one of each way in which
/// it can get its connections, and a second choice of the proxy.
pub static CORE_FOR_COMMANDS: &[&str] = &[
    "single",
    "shared-listener",
    "reuseport",
    "splice:least-connections",
    "proxy:round-robin",
    "proxy:least-requests",
];

/// All strategies, in the order of lists and reports: ours first, then the peers.
pub static ALL: LazyLock<Vec<&'static dyn Strategy>> =
    LazyLock::new(|| all_with(built_in_peers().iter().copied()));

/// All strategies except peers.
pub static OURS: LazyLock<Vec<&'static dyn Strategy>> = LazyLock::new(|| {
    let mut ours = WITHOUT_POLICY.to_vec();
    for mechanism in DISPATCHED {
        for policy in mechanism.policies() {
            ours.push(lasting(Dispatched::new(mechanism, policy)));
        }
    }
    ours
});

/// The built-in peers, each with its variants.
fn built_in_peers() -> &'static [&'static Peer] {
    static PEERS: LazyLock<Vec<&'static Peer>> = LazyLock::new(|| {
        // A test checks that all recipes are valid.
        let peers = Peer::built_in(&check_counterpart).into_iter();
        peers.flatten().flatten().map(lasting).collect()
    });
    &PEERS
}

fn all_with(peers: impl Iterator<Item = &'static Peer>) -> Vec<&'static dyn Strategy> {
    let peers = peers.map(|peer| peer as &dyn Strategy);
    OURS.iter().copied().chain(peers).collect()
}

/// Checks that a key selects strategies other than peers.
pub(crate) fn check_counterpart(key: &str) -> Result<(), String> {
    let selected = select_among(&OURS, &[key]);
    selected.map(drop).map_err(|unknown| unknown.to_string())
}

/// The catalogue exists as long as the process.
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

/// Returns the catalogue and the peers of these recipes, each with its variants.
///
/// # Errors
/// [`RecipeError`] for the first recipe that is invalid, or whose name exists.
pub fn with_peers<P: AsRef<Path>>(
    recipes: &[P],
) -> Result<Vec<&'static dyn Strategy>, RecipeError> {
    Ok(all_with(peers(recipes)?.into_iter()))
}

/// Returns the peers of the catalogue and those of these recipes, each with its variants.
///
/// # Errors
/// Those of [`with_peers`].
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

/// Returns the peer of a recipe on disk, followed by its variants.
///
/// # Errors
/// [`RecipeError`] with file and line.
pub fn peers_of(recipe: &Path) -> Result<Vec<Peer>, RecipeError> {
    Peer::from_file(recipe, &check_counterpart)
}

/// Returns the strategies that these names select, each once, in the order of the catalogue.
///
/// A name is a key, an alias, a mechanism (all its strategies), `NAME:*` (the same, if the name is also a
/// key), `core`, `ours` or `all`.
///
/// # Errors
/// [`UnknownStrategy`] for the first unknown name.
pub fn select<N: AsRef<str>>(names: &[N]) -> Result<Vec<&'static dyn Strategy>, UnknownStrategy> {
    select_among(&ALL, names)
}

/// Selects among these strategies, in their order.
///
/// # Errors
/// Those of [`select`].
pub fn select_among<N: AsRef<str>>(
    strategies: &[&'static dyn Strategy],
    names: &[N],
) -> Result<Vec<&'static dyn Strategy>, UnknownStrategy> {
    let mut selected = vec![false; strategies.len()];
    for name in names.iter().map(AsRef::as_ref) {
        let is_key = strategies.iter().any(|strategy| strategy.key() == name);
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

/// Checks that a program of the user can serve under a strategy in place of evenkeel's own worker.
///
/// # Errors
/// [`UnmetRequirement`] with the reason, and the mechanisms with which one can.
pub fn check_command(strategy: &dyn Strategy) -> Result<(), UnmetRequirement> {
    let CommandContract::None(reason) = strategy.profile().command else {
        return Ok(());
    };
    let fitting = OURS.iter().map(|strategy| strategy.profile());
    let fitting = fitting.filter(|it| !matches!(it.command, CommandContract::None(_)));
    let mut mechanisms: Vec<&str> = fitting.map(|it| it.mechanism).collect();
    mechanisms.dedup();
    Err(UnmetRequirement(format!(
        "a worker command cannot serve under it: {reason}; it can under {}",
        mechanisms.join(", ")
    )))
}

/// Returns why a strategy makes no use of a defence, if it does not: one sentence without a full stop.
pub fn why_without(strategy: &dyn Strategy, defence: DefenceKind) -> Option<String> {
    if strategy.profile().defences.contains(&defence) {
        return None;
    }
    let profiles = OURS.iter().map(|strategy| strategy.profile());
    let users = profiles.filter(|profile| profile.defences.contains(&defence));
    let mut mechanisms: Vec<&str> = users.map(|profile| profile.mechanism).collect();
    mechanisms.dedup();
    let (key, mechanisms) = (strategy.key(), mechanisms.join(", "));
    Some(format!("{key} cannot use {defence}, as {mechanisms} can"))
}

fn stands_for(name: &str, name_is_key: bool, strategy: &dyn Strategy) -> bool {
    let key = strategy.key();
    let whole_name = Some(name).filter(|_| !name_is_key);
    let stem = name.strip_suffix(":*").or(whole_name);
    let is_of = |stem: &str| key == stem || is_variant(key, stem);
    name == "all"
        || name == "core" && CORE.contains(&key)
        || name == "ours" && !strategy.profile().is_peer
        || name == key
        || stem.is_some_and(is_of)
        || ALIASES.contains(&(name, key))
}

/// Whether a name is a variant of the peer with this key.
pub fn is_variant(name: &str, key: &str) -> bool {
    name.strip_prefix(key)
        .is_some_and(|rest| rest.starts_with(':'))
}

/// An unknown name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "there is no strategy `{name}`; `evenkeel list` shows all of them{}",
    suggestion(*nearest)
)]
pub struct UnknownStrategy {
    /// The unknown name.
    pub name: String,
    /// The most similar known name, if any.
    pub nearest: Option<&'static str>,
}

impl UnknownStrategy {
    fn new(name: &str, strategies: &[&'static dyn Strategy]) -> Self {
        let keys = strategies.iter().map(|strategy| strategy.key());
        let profiles = strategies.iter().map(|strategy| strategy.profile());
        let mechanisms = profiles.map(|profile| profile.mechanism);
        let aliases = ALIASES.iter().map(|(alias, _)| *alias);
        let known = keys.chain(mechanisms).chain(aliases);
        let nearest = nearest(name, known.chain(["all", "core", "ours"]));
        let name = name.to_owned();
        Self { name, nearest }
    }
}

#[cfg(test)]
mod tests;
