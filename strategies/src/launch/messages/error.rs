//! Errors of messages.

use std::io::{self, ErrorKind};

use thiserror::Error;

/// Why a message was not sent to a worker.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MessageError {
    /// The workers are those of another system, or run a program of the user.
    #[error("the workers run another program, which takes no messages of evenkeel")]
    Foreign,
    /// No worker can have this number.
    #[error("there is no worker {worker}; the fleet has room for {places}, numbered from 0")]
    NoSuchWorker {
        /// The number of the worker.
        worker: usize,
        /// How many workers there can be.
        places: usize,
    },
    /// No worker with this number serves now.
    #[error(
        "worker {worker} is gone: it has ended, or does not serve yet, or is an earlier build without messages; \
         send it the message when it serves"
    )]
    Gone {
        /// The number of the worker.
        worker: usize,
    },
    /// The worker has not read earlier messages.
    #[error(
        "worker {worker} has not read its last messages, and there is no room for another one; send it again \
         later, or check whether the worker is stuck"
    )]
    Full {
        /// The number of the worker.
        worker: usize,
    },
}

impl MessageError {
    /// Returns what an error of the socket to a worker means.
    pub(super) fn of(worker: usize, error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock => Self::Full { worker },
            _ => Self::Gone { worker },
        }
    }
}
