//! Recipes of small systems.

use std::path::PathBuf;
use std::time::Duration;

use evenkeel_strategies::mechanism::peer::{Peer, PeerError, differences};
use evenkeel_strategies::{Deployment, FleetSpec, LaunchError, Strategy, catalog};
use tempfile::TempDir;

use super::WORKERS;
use super::support::{EVENKEEL, fleet_spec};

/// A system as a recipe describes it, which is there as long as this is.
pub(crate) struct System {
    folder: TempDir,
    peer: Peer,
}

/// Of every recipe here. Its workers are those of an evenkeel that it starts.
const HEAD: &str = r#"
summary = "a system for tests"
kind = "server"
layer = "connections"
chooser = "its first process"
serves = ["/", "/spin/US"]
workers = { named = "evenkeel worker {" }
"#;

/// A command that a shell runs.
pub(crate) fn script(script: &str) -> String {
    format!("[[start]]\ncommand = [\"sh\", \"-c\", '''{script}''']\n")
}

/// The same, which ends by itself before the next command is run.
pub(crate) fn script_that_ends(text: &str) -> String {
    format!("{}ends = true\n", script(text))
}

/// A server with a dispatcher and the workers that are ordered.
pub(crate) fn server() -> String {
    format!(
        "[[start]]\ncommand = [\"{EVENKEEL}\", \"serve\", \"-s\", \"handoff:round-robin\", \
         \"-w\", \"{{{{ worker_count }}}}\", \"--listen\", \"{{{{ address }}}}\"]\n"
    )
}

impl System {
    /// A system that is run by these commands.
    pub(crate) fn of(commands: &[String]) -> Self {
        Self::described(HEAD, commands)
    }

    /// The same with another beginning of the recipe.
    pub(crate) fn described(head: &str, commands: &[String]) -> Self {
        Self::with_files(&[], head, commands)
    }

    /// The same with files beside it, by their names.
    pub(crate) fn with_files(files: &[(&str, &str)], head: &str, commands: &[String]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let recipe = format!("{head}{}", commands.concat());
        let path = folder.path().join("recipe.toml");
        std::fs::write(&path, recipe).expect("room for it");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("room for it");
        }
        let peers = catalog::peers_of(&path).expect("a recipe");
        let peer = peers.into_iter().next().expect("it is the first");
        Self { folder, peer }
    }

    pub(crate) fn head() -> &'static str {
        HEAD
    }

    /// The file of the recipe, for `--peer`.
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

    /// In what it differs from our own worker.
    pub(crate) fn differs(&self) -> Vec<String> {
        let (fleet, spec) = (self.launch(), fleet_spec(WORKERS));
        differences(&self.peer.profile(), &fleet, &spec).expect("our worker")
    }

    /// What is told when it does not come up within that time.
    pub(crate) fn refusal(&self, within: Duration) -> PeerError {
        let spec = FleetSpec {
            ready_within: within,
            ..fleet_spec(WORKERS)
        };
        match self.peer.launch(&spec) {
            Err(LaunchError::System(error)) => *error.downcast().expect("an error of a peer"),
            other => panic!("it is refused because of the system, and not: {other:?}"),
        }
    }
}
