//! Which process has which workers.

use std::ops::Range;

use super::change::Change;
use crate::launch::host::UnmetRequirement;
use crate::launch::{child::Role, worker_config::Scheduling};

/// Which process has which workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::launch) enum Grouping {
    /// Each worker is a process.
    Processes,
    /// All workers are threads of one process.
    Threads {
        scheduling: Scheduling,
        workers: usize,
    },
}

impl Grouping {
    /// Returns the role of the process in a place.
    pub(in crate::launch) fn role(self, place: usize) -> Role {
        match self {
            Self::Processes => Role::Worker(place),
            Self::Threads { .. } => Role::Server,
        }
    }

    /// Returns the numbers of its workers.
    pub(in crate::launch) fn numbers(self, place: usize) -> Range<usize> {
        match self {
            Self::Processes => place..place + 1,
            Self::Threads { workers, .. } => 0..workers,
        }
    }

    /// Returns a change of workers as a change of processes.
    pub(in crate::launch) fn change_of_processes(
        self,
        change: &Change,
    ) -> Result<Change, UnmetRequirement> {
        match (self, change) {
            (Self::Threads { .. }, Change::Scale { .. }) => Err(UnmetRequirement(
                "its workers are threads of one process, so their number stays; a reload \
                     replaces the process"
                    .to_owned(),
            )),
            (Self::Threads { workers, .. }, Change::Restart { worker }) if *worker < workers => {
                Ok(Change::Restart { worker: 0 })
            }
            _ => Ok(change.clone()),
        }
    }

    pub(in crate::launch) fn scheduling(self) -> Scheduling {
        match self {
            Self::Processes => Scheduling::Separate,
            Self::Threads { scheduling, .. } => scheduling,
        }
    }
}
