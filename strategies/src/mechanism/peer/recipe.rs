//! What there is to know of another system: data, so that one is added without touching Rust.

use std::collections::BTreeMap;
use std::path::PathBuf;

use semver::VersionReq;
use serde::Deserialize;

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
    /// The signal that asks its first processes to end in good order.
    #[serde(default = "terminate")]
    pub stop_signal: String,
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

/// The layer at which a system spreads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A worker for each connection.
    Connections,
    /// A worker for each request.
    Requests,
}

/// Something that must be installed: exactly one of `program`, `module` and `file`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Name of a program. Templates know its path as `programs.NAME`.
    pub program: Option<String>,
    /// Arguments with which the program tells its version.
    #[serde(default)]
    pub version: Vec<String>,
    /// Name of an npm module, which templates find in the folder `modules`.
    pub module: Option<String>,
    /// Path of a file that must be there.
    pub file: Option<PathBuf>,
    /// Versions that are known to work; of a file, none.
    pub known: Option<VersionReq>,
    /// What to do where it is missing, such as a command.
    pub get: String,
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

fn terminate() -> String {
    "SIGTERM".to_owned()
}
