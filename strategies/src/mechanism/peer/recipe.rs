//! What there is to know of another system: data, so that one is added without touching Rust.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nix::sys::signal::Signal;
use serde::{Deserialize, Deserializer};

use super::needs::Need;
use crate::profile::Layer;

/// How another system is checked, configured, started, watched and ended. It is read from a
/// `recipe.toml`; texts marked as templates are rendered by [minijinja], where an unknown variable
/// is an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// One sentence, without a full stop, for `evenkeel list` and for reports.
    pub summary: String,
    /// What it is in front of.
    pub kind: Kind,
    /// At which layer it spreads.
    pub layer: Layer,
    /// Who chooses the worker.
    pub chooser: String,
    /// By what a client is kept at the same worker, if it is.
    pub sticky: Option<String>,
    /// Keys of our strategies that stand for it.
    #[serde(default)]
    pub counterparts: Vec<String>,
    /// Of a server: the targets that its application serves, such as `/` and `/spin/US`. What
    /// stands for a number is written in capitals. A balancer serves what its workers do.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Sizes of bodies that are laid into the folder as `bytes/N`, for systems that serve files.
    #[serde(default)]
    pub bodies: Vec<u64>,
    /// What must be installed.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Files that are rendered into the folder as templates, by their paths from the recipe. They
    /// lie there under their last names, as do those of `files`.
    #[serde(default)]
    pub templates: Vec<PathBuf>,
    /// Files that are copied as they are.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// What is run, in this order.
    pub start: Vec<Start>,
    /// Of a server: which of its processes are workers. All others are the balancer, as are all
    /// processes of a balancer.
    pub workers: Option<WorkerRule>,
    /// Of a server: how many of its other processes are busy with clients, as a primary is that
    /// accepts for its workers. A balancer has as many as are ordered.
    #[serde(default)]
    pub choosers: usize,
    /// The signal that asks its first processes to end in good order.
    #[serde(default = "terminate", deserialize_with = "signal")]
    pub stop_signal: Signal,
    /// How long it may take to become ready, seconds, if that is longer than our own fleets may.
    pub ready_within_s: Option<f64>,
    /// Variables for the templates; variants set them otherwise.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The same system otherwise configured, by what stands behind its name in the key.
    #[serde(default)]
    pub variants: BTreeMap<String, Variant>,
}

/// What another system is in front of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Of our own workers.
    Balancer,
    /// Of an application of its own.
    Server,
}

/// A command that is run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Program and arguments; templates.
    pub command: Vec<String>,
    /// Environment besides `PATH`, `HOME` and `TMPDIR`, the latter two of which are the folder;
    /// the values are templates.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it ends by itself, with success, before the next is run: a command that leaves a
    /// daemon behind.
    #[serde(default)]
    pub ends: bool,
}

/// Which processes are workers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerRule {
    /// What the name or the command line of a worker contains once it is ready to serve, and those
    /// of no other process.
    pub named: String,
}

/// The same system otherwise configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Instead of the recipe's.
    pub summary: String,
    /// Instead of the recipe's.
    pub chooser: Option<String>,
    /// Instead of the recipe's.
    pub sticky: Option<String>,
    /// Instead of the recipe's.
    #[serde(default)]
    pub counterparts: Vec<String>,
    /// Besides the recipe's, or otherwise.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

fn terminate() -> Signal {
    Signal::SIGTERM
}

fn signal<'de, D: Deserializer<'de>>(from: D) -> Result<Signal, D::Error> {
    let name = String::deserialize(from)?;
    name.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "there is no signal `{name}`; write it as in \"SIGTERM\" or \"SIGQUIT\""
        ))
    })
}

impl Recipe {
    /// The same with what a variant says instead.
    pub(super) fn varied(&self, variant: &Variant) -> Self {
        let mut varied = self.clone();
        varied.summary.clone_from(&variant.summary);
        varied.counterparts.clone_from(&variant.counterparts);
        if let Some(chooser) = &variant.chooser {
            varied.chooser.clone_from(chooser);
        }
        if variant.sticky.is_some() {
            varied.sticky.clone_from(&variant.sticky);
        }
        varied.set.extend(variant.set.clone());
        varied
    }

    /// Whether its workers serve this target.
    pub(super) fn serves(&self, target: &str) -> bool {
        let is_laid_out = |size: &str| {
            let sizes = &self.bodies;
            sizes.is_empty() || sizes.iter().any(|known| known.to_string() == size)
        };
        match self.kind {
            Kind::Balancer => true,
            Kind::Server => {
                self.serves.iter().any(|pattern| fits(pattern, target))
                    && target.strip_prefix("/bytes/").is_none_or(is_laid_out)
            }
        }
    }
}

/// Whether a target is one of a pattern, in which words in capitals stand for numbers.
fn fits(pattern: &str, target: &str) -> bool {
    let stands_for_a_number =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut words, mut parts) = (pattern.split('/'), target.split('/'));
    loop {
        match (words.next(), parts.next()) {
            (None, None) => return true,
            (Some(word), Some(part)) if word == part => {}
            (Some(word), Some(part)) if stands_for_a_number(word) && is_number(part) => {}
            _ => return false,
        }
    }
}
