//! Why load could not be offered.

use std::io;

use crate::spec::SpecError;

/// Why load could not be offered.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum LoadError {
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(
        "load thread {thread} cannot be pinned to CPU {cpu} ({source}): choose load CPUs that this host has and this process may use"
    )]
    Pin {
        thread: usize,
        cpu: usize,
        source: io::Error,
    },
    #[error(
        "load thread {thread} cannot be set up ({source}): raise the limits on open files and processes, or use fewer threads"
    )]
    Setup { thread: usize, source: io::Error },
}
