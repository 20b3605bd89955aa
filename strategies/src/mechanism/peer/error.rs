//! Errors of recipes, and of peers that are launched.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use evenkeel_common::toml_file::TomlError;
use thiserror::Error;

use super::{requirements::Missing, template::TemplateError};
use crate::launch::{ChangeError, LaunchError};

/// Why a recipe cannot be used.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// The file cannot be read, or is not a recipe.
    #[error(transparent)]
    File(#[from] TomlError),
    /// A value in the recipe is invalid.
    #[error("{place}`{key}`: {problem}")]
    Value {
        /// File, line and column, for the start of a message.
        place: String,
        /// Its dotted key.
        key: String,
        /// What is wrong there, and what to do.
        problem: String,
    },
    /// A template is invalid.
    #[error("{}:{line}: {problem}", path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: usize,
        /// What is wrong there, and what to do.
        problem: String,
    },
    /// The name cannot be part of a key.
    #[error(
        "{} would be the peer `{name}`, but a name consists of letters, digits, dots, dashes and \
         underscores; rename the file", path.display()
    )]
    Name {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// A strategy with the same key exists.
    #[error(
        "{} would be `{key}`, but a strategy with this key exists; rename the file",
        path.display()
    )]
    Taken {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
}

/// Why a peer could not be started. None of its processes is left.
#[derive(Debug, Error)]
pub enum PeerError {
    /// A requirement is unmet.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A file of the recipe cannot be read, or not be written to the folder.
    #[error("the file {} of the recipe cannot be used: {source}", path.display())]
    File {
        /// The path as written in the recipe.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A text of the recipe cannot be rendered.
    #[error("{what} of the recipe cannot be rendered: {source}")]
    Template {
        /// The file or the text.
        what: String,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// A command could not be run or failed, or every process has ended.
    #[error("it did not start: {0}")]
    GaveUp(String),
    /// A command that should end is still running.
    #[error(
        "a command that should end (`ends = true` in the recipe) is still running after \
         {waited:?}; {last_lines}"
    )]
    StillRunning {
        /// How long evenkeel waited for it.
        waited: Duration,
        /// The end of its output.
        last_lines: String,
    },
    /// It runs, but does not answer.
    #[error(
        "it was not ready within {waited:?}: GET http://{address}/ {answer}; if it is only slow, \
         set `ready_within_s` in its recipe; {last_lines}"
    )]
    Unanswered {
        /// How long evenkeel waited for it.
        waited: Duration,
        /// The address on which it should listen.
        address: SocketAddr,
        /// What happened instead of an answer with status 200, as the end of a sentence.
        answer: String,
        /// The end of its output.
        last_lines: String,
    },
    /// It runs with the wrong number of workers.
    #[error(
        "{found} of {requested} worker processes were running after {waited:?} (those whose name \
         or command line contains `{named}`); {last_lines}"
    )]
    Workers {
        /// Number of workers found last.
        found: usize,
        /// Number of workers requested.
        requested: usize,
        /// The text that identifies them.
        named: String,
        /// How long evenkeel waited for them.
        waited: Duration,
        /// The end of its output.
        last_lines: String,
    },
    /// A command of the recipe that requests a change could not be run, or failed.
    #[error("the change could not be requested: {0}; {1}")]
    Request(String, String),
    /// A change was requested and did not end in time.
    #[error(
        "the change was not complete within {waited:?}: {serving} of {wanted} processes serve, and {} \
         that should have ended are still running ({}); {last_lines}",
        leaving.len(), listed(leaving)
    )]
    Incomplete {
        /// The processes that should have ended.
        leaving: Vec<i32>,
        /// Number of processes that serve and stay.
        serving: usize,
        /// How many should.
        wanted: usize,
        /// How long evenkeel waited.
        waited: Duration,
        /// The end of its output.
        last_lines: String,
    },
}

/// The numbers of processes, as the end of a message.
fn listed(pids: &[i32]) -> String {
    let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
    pids.join(", ")
}

impl From<PeerError> for ChangeError {
    fn from(error: PeerError) -> Self {
        Self::System(Box::new(error))
    }
}

impl From<PeerError> for LaunchError {
    fn from(error: PeerError) -> Self {
        Self::System(Box::new(error))
    }
}
