//! The data that describes a peer, so that a new peer needs no Rust.

mod change;

use std::collections::BTreeMap;
use std::path::PathBuf;

use evenkeel_common::number::Numbers;
use nix::sys::signal::Signal;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::requirements::{Requirement, RequirementTable};
use crate::profile::{Layer, Targets};

use change::ChangeTable;
pub use change::{Act, ChangeRule};

/// How a peer is found, configured, started, observed and stopped. A `recipe.toml` contains it. Texts
/// marked as templates are rendered by [minijinja]; an unknown variable is an error.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// One sentence, without a full stop, for `evenkeel list` and for reports.
    pub summary: String,
    /// Name of the software, if several recipes run it; otherwise it is that of the recipe. Reports show
    /// peers with the same software alike.
    pub software: Option<String>,
    /// Whether it balances over our workers or has its own.
    pub kind: PeerKind,
    /// What it distributes: connections or requests.
    pub layer: Layer,
    /// Which process or thread chooses the worker.
    pub chooser: String,
    /// What keeps a client at the same worker, if anything.
    pub sticky: Option<String>,
    /// Whether it is known to close connections early, for example after each answer. Reports still
    /// show it as a difference from our own workers.
    #[serde(default)]
    pub closes_connections: bool,
    /// Whether some workers may get no connections even from many clients, for example because a
    /// worker rarely releases a lock.
    #[serde(default)]
    pub may_leave_workers_out: bool,
    /// Keys of our strategies with the same design.
    #[serde(default)]
    pub counterparts: Vec<String>,
    /// For a server: the targets that its application serves, such as `/` and `/spin/US`. A word in
    /// capitals stands for a number. A balancer serves what its workers serve.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Sizes in bytes of the files `bytes/N` that are created in the folder, for systems that serve
    /// files.
    #[serde(default)]
    pub bodies: Vec<u64>,
    /// What must be installed.
    #[serde(default)]
    #[schemars(with = "Vec<RequirementTable>")]
    pub needs: Vec<Requirement>,
    /// Files that are rendered into the folder as templates. Paths are relative to the recipe. In
    /// the folder they have their file name only, like those of `files`.
    #[serde(default)]
    pub templates: Vec<PathBuf>,
    /// Files that are copied unchanged.
    #[serde(default)]
    pub files: Vec<PathBuf>,
    /// Environment of every command, in addition to `PATH`, and to `HOME` and `TMPDIR`, which are the
    /// folder. The values are templates.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The commands that are run, in this order.
    pub start: Vec<Start>,
    /// How all its workers are replaced while it runs; for a balancer, the processes that its own
    /// processes have started.
    #[schemars(with = "Option<ChangeTable>")]
    pub reload: Option<ChangeRule>,
    /// For a server: how the number of its workers is changed while it runs.
    #[schemars(with = "Option<ChangeTable>")]
    pub scale: Option<ChangeRule>,
    /// For a server: how one worker is replaced while it runs.
    #[schemars(with = "Option<ChangeTable>")]
    pub restart: Option<ChangeRule>,
    /// For a server: which of its processes are workers. All others count as dispatchers, as do all
    /// processes of a balancer.
    pub workers: Option<WorkerRule>,
    /// For a server: how many of its other processes handle clients, such as a primary that accepts
    /// for its workers. For a balancer it is the requested number of dispatchers.
    #[serde(default)]
    pub choosers: usize,
    /// The signal that asks its first processes to end gracefully.
    #[serde(default = "terminate", deserialize_with = "signal")]
    #[schemars(with = "String")]
    pub stop_signal: Signal,
    /// Time limit for becoming ready in seconds, if it is longer than that of our own fleets.
    #[serde(default, deserialize_with = "time_limit")]
    pub ready_within_s: Option<f64>,
    /// Variables for the templates. Variants override them.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Variants of the configuration. The name of a variant follows the peer's name in the key.
    #[serde(default)]
    pub variants: BTreeMap<String, Variant>,
}

/// Which workers a peer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PeerKind {
    /// It runs in front of our own workers.
    Balancer,
    /// It has workers of its own, which run an application.
    Server,
}

/// A command that is run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Program and arguments. Templates.
    pub command: Vec<String>,
    /// Environment in addition to that of every command. The values are templates.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether the next command waits until this one has ended with success. For commands that start
    /// a daemon.
    #[serde(default)]
    pub ends: bool,
}

/// Which processes are workers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerRule {
    /// A text that the name or the command line of a worker contains once it is ready, and those of
    /// no other process.
    pub named: String,
}

/// A variant of the configuration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Replaces the recipe's value.
    pub summary: String,
    /// Replaces the recipe's value.
    pub chooser: Option<String>,
    /// Replaces the recipe's value.
    pub sticky: Option<String>,
    /// Replaces the recipe's value.
    #[serde(default)]
    pub counterparts: Vec<String>,
    /// Adds to or overrides the recipe's variables.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// The limit of an hour only catches mistakes.
const TIME_LIMITS: Numbers = Numbers::above(0.0, 3600.0, "a time limit is a number of seconds");

fn time_limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    TIME_LIMITS.deserialize(from).map(Some)
}

fn terminate() -> Signal {
    Signal::SIGTERM
}

fn optional_signal<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Signal>, D::Error> {
    signal(from).map(Some)
}

fn signal<'de, D: Deserializer<'de>>(from: D) -> Result<Signal, D::Error> {
    let name = String::deserialize(from)?;
    name.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "unknown signal `{name}`; write it like \"SIGTERM\" or \"SIGQUIT\""
        ))
    })
}

impl Recipe {
    /// Returns the recipe with the values of a variant.
    pub(super) fn with_variant(&self, variant: &Variant) -> Self {
        let mut recipe = self.clone();
        recipe.summary.clone_from(&variant.summary);
        recipe.counterparts.clone_from(&variant.counterparts);
        if let Some(chooser) = &variant.chooser {
            recipe.chooser.clone_from(chooser);
        }
        if variant.sticky.is_some() {
            recipe.sticky.clone_from(&variant.sticky);
        }
        recipe.set.extend(variant.set.clone());
        recipe
    }

    /// Returns the targets that its workers serve.
    pub(super) fn targets(&self) -> Targets<'_> {
        match self.kind {
            PeerKind::Balancer => Targets::All,
            PeerKind::Server => Targets::Listed {
                patterns: &self.serves,
                bodies: &self.bodies,
            },
        }
    }
}
