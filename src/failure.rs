//! Why a command did not simply finish, and the exit code that says so.

use std::fmt::Display;
use std::process::ExitCode;

use thiserror::Error;

/// What a command ends with, where it does not simply finish.
///
/// Each variant holds one paragraph for the person at the terminal: what happened, and what
/// to do next. The exit codes are those of the design's command line.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Something went wrong that no option would have prevented.
    #[error("{0}")]
    Failed(String),
    /// The command line, a file or this host's configuration does not allow what was asked.
    #[error("{0}")]
    Usage(String),
    /// It was measured, but the figures must not be compared.
    #[error("{0}")]
    Invalid(String),
    /// It was measured, and a limit that was set does not hold.
    #[error("{0}")]
    Breached(String),
    /// A signal ended it; what was measured until then is kept.
    #[error("{0}")]
    Interrupted(String),
}

impl Failure {
    /// A [`Failure::Failed`] out of any error.
    pub(crate) fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// A [`Failure::Usage`] out of any error.
    pub(crate) fn usage(error: impl Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Invalid(_) => 3,
            Self::Breached(_) => 99,
            Self::Interrupted(_) => INTERRUPTED,
        })
    }
}

/// 128 + SIGINT, as shells report a process that Ctrl-C has ended.
pub(crate) const INTERRUPTED: u8 = 130;
