//! Why load could not be offered.

use std::io;

use crate::spec::SpecError;

/// Why load could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The specification is not possible.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A load thread could not be pinned.
    #[error(
        "load thread {thread} cannot be pinned to CPU {cpu} ({source}): choose load CPUs that this host has and this process may use"
    )]
    Pin {
        /// Number of the thread.
        thread: usize,
        /// Number of the CPU.
        cpu: usize,
        /// The error of the kernel.
        source: io::Error,
    },
    /// The kernel refused an epoll instance or a thread.
    #[error(
        "load thread {thread} cannot be set up ({source}): raise the limits on open files and processes, or use fewer threads"
    )]
    Setup {
        /// Number of the thread.
        thread: usize,
        /// The error of the kernel.
        source: io::Error,
    },
}
