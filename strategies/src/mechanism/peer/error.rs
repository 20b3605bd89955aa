//! What can be wrong with another system that is to be launched.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::needs::Missing;
use super::template::TemplateError;

/// Another system could not be started. Nothing of it is left.
#[derive(Debug, Error)]
pub enum PeerError {
    /// What it needs is not there.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A file of the recipe cannot be read, or not be laid into the folder.
    #[error("the file {} of the recipe cannot be used: {source}", path.display())]
    File {
        /// As the recipe names it.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A text of the recipe cannot be rendered.
    #[error("{what} of the recipe cannot be rendered: {source}")]
    Template {
        /// The file, or which of the texts.
        what: String,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// A command could not be run or failed, or every process has ended.
    #[error("it did not come up: {0}")]
    GaveUp(String),
    /// A command that is to end by itself does not.
    #[error(
        "a command that is to end by itself (`ends = true` in the recipe) still runs after \
         {waited:?}; {last_lines}"
    )]
    Unended {
        /// How long it was waited for.
        waited: Duration,
        /// The end of its output.
        last_lines: String,
    },
    /// It runs, but does not answer.
    #[error(
        "it did not become ready within {waited:?}: GET http://{address}/ {answer}; if it only is \
         slow, set `ready_within_s` in its recipe; {last_lines}"
    )]
    Unanswered {
        /// How long it was waited for.
        waited: Duration,
        /// Where it was to listen.
        address: SocketAddr,
        /// What came back instead of 200, as the end of a sentence.
        answer: String,
        /// The end of its output.
        last_lines: String,
    },
    /// It runs with another number of workers than it should.
    #[error(
        "{found} of {ordered} worker processes were there after {waited:?} (those whose name or \
         command line contains `{named}`); {last_lines}"
    )]
    Workers {
        /// How many there were at last.
        found: usize,
        /// How many there should be.
        ordered: usize,
        /// By what they are known.
        named: String,
        /// How long it was waited for.
        waited: Duration,
        /// The end of its output.
        last_lines: String,
    },
}
