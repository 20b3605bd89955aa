//! Recipes of small peers.

use std::path::PathBuf;
use std::time::Duration;

use evenkeel_strategies::mechanism::peer::{Peer, PeerError, differences};
use evenkeel_strategies::{Deployment, FleetSpec, LaunchError, Strategy, catalog};
use tempfile::TempDir;

use super::WORKERS;
use super::support::{EVENKEEL, fleet_spec};

/// A peer whose recipe is in a temporary folder, which is removed when this value is dropped.
pub(crate) struct SmallPeer {
    folder: TempDir,
    peer: Peer,
}

/// The start of every recipe here. The workers are those of an evenkeel that the peer starts.
const HEAD: &str = r#"
summary = "a peer for tests"
kind = "server"
layer = "connections"
chooser = "its first process"
serves = ["/", "/spin/US"]
workers = { named = "evenkeel worker {" }
"#;

/// Returns a command that a shell runs.
pub(crate) fn script(script: &str) -> String {
    format!("[[start]]\ncommand = [\"sh\", \"-c\", '''{script}''']\n")
}

/// Returns a command that ends before the next command starts.
pub(crate) fn script_that_ends(text: &str) -> String {
    format!("{}ends = true\n", script(text))
}

/// Returns a server with a dispatcher and the configured number of workers.
pub(crate) fn server() -> String {
    format!(
        "[[start]]\ncommand = [\"{EVENKEEL}\", \"serve\", \"-s\", \"handoff:round-robin\", \
         \"-w\", \"{{{{ worker_count }}}}\", \"--listen\", \"{{{{ address }}}}\"]\n"
    )
}

impl SmallPeer {
    /// Returns a peer that these commands start.
    pub(crate) fn of(commands: &[String]) -> Self {
        Self::described(HEAD, commands)
    }

    /// Returns a peer with another start of its recipe.
    pub(crate) fn described(head: &str, commands: &[String]) -> Self {
        Self::with_files(&[], head, commands)
    }

    /// Returns a peer whose recipe has these files, as names and contents, in its folder.
    pub(crate) fn with_files(files: &[(&str, &str)], head: &str, commands: &[String]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let recipe = format!("{head}{}", commands.concat());
        let path = folder.path().join("recipe.toml");
        std::fs::write(&path, recipe).expect("room");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("room");
        }
        let peers = catalog::peers_of(&path).expect("a recipe");
        let peer = peers.into_iter().next().expect("a recipe has a peer");
        Self { folder, peer }
    }

    pub(crate) fn head() -> &'static str {
        HEAD
    }

    /// Path of the recipe, for `--peer`.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("recipe.toml")
    }

    pub(crate) fn launch(&self) -> Deployment {
        self.launch_as(&fleet_spec(WORKERS))
    }

    /// Like `launch`, with a specification.
    pub(crate) fn launch_as(&self, spec: &FleetSpec) -> Deployment {
        let launched = self.peer.launch(spec);
        launched.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns the differences from our own worker.
    pub(crate) fn differs(&self) -> Vec<String> {
        let (fleet, spec) = (self.launch(), fleet_spec(WORKERS));
        differences(&self.peer.profile(), &fleet, &spec).expect("our worker")
    }

    /// Returns the error when the peer does not start within this time.
    pub(crate) fn refusal(&self, within: Duration) -> PeerError {
        let spec = FleetSpec {
            ready_within: within,
            ..fleet_spec(WORKERS)
        };
        match self.peer.launch(&spec) {
            Err(LaunchError::System(error)) => *error.downcast().expect("an error of a peer"),
            other => panic!("the peer is the reason, not: {other:?}"),
        }
    }
}
