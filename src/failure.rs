//! Why a command failed, and its exit code.

use std::fmt::Display;
use std::process::ExitCode;

use thiserror::Error;

/// Why a command failed.
///
/// Each variant contains one paragraph for the user: what happened, and what to do next.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) enum Failure {
    /// Something went wrong that no option would have prevented.
    Failed(String),
    /// The command line, a file or the configuration of this host does not allow the request.
    Usage(String),
    /// Figures were measured, but must not be compared.
    Invalid(String),
    /// Figures were measured, and a limit is breached.
    Breached(String),
    /// Figures were measured, and show that something is not as it was expected.
    Refuted(String),
    /// A signal ended the command; what was measured is kept.
    Interrupted(String),
}

impl Failure {
    /// Converts any error to [`Failure::Failed`].
    pub(crate) fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Converts any error to [`Failure::Usage`].
    pub(crate) fn usage(error: impl Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// Exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Invalid(_) => 3,
            Self::Refuted(_) => 98,
            Self::Breached(_) => 99,
            Self::Interrupted(_) => INTERRUPTED,
        })
    }
}

/// 128 + SIGINT, as shells report a process that Ctrl-C ended.
pub(crate) const INTERRUPTED: u8 = 130;
