//! Which process has which workers.

use std::num::NonZeroUsize;
use std::ops::Range;

use super::change::{Change, ChangeError, Reload};
use crate::launch::fabric::{Fabric, Intake};
use crate::launch::spec::Size;
use crate::launch::{child::Role, error::LaunchError, worker_config::Scheduling};
use crate::view::Life;

/// Which process has which workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::launch) enum Grouping {
    /// Each worker is a process.
    Processes,
    /// All workers are threads of one process. Another number of workers takes another process.
    Threads {
        scheduling: Scheduling,
        /// The number of workers that the process has, or that its successor will have.
        size: Size,
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
            Self::Threads { size, .. } => 0..size.workers.get(),
        }
    }

    /// Returns all workers that a process may have, each as a life of its own.
    pub(super) fn workers_of(self, life: Life) -> impl Iterator<Item = Life> {
        let numbers = match self {
            Self::Processes => life.place..life.place + 1,
            Self::Threads { size, .. } => 0..size.places.get(),
        };
        numbers.map(move |place| Life { place, ..life })
    }

    /// Whether a successor of its process has a worker with this number.
    pub(super) fn has(self, worker: usize) -> bool {
        match self {
            Self::Processes => true,
            Self::Threads { size, .. } => worker < size.workers.get(),
        }
    }

    pub(in crate::launch) fn scheduling(self) -> Scheduling {
        match self {
            Self::Processes => Scheduling::Separate,
            Self::Threads { scheduling, .. } => scheduling,
        }
    }

    /// Opens the intake of a process: those of its workers together, or the one that all of them share.
    pub(in crate::launch) fn intake(
        self,
        fabric: &mut (impl Fabric + ?Sized),
        life: Life,
    ) -> Result<Intake, LaunchError> {
        let mut intake = fabric.intake(life)?;
        let numbers = self.numbers(life.place);
        let others = match self.scheduling() {
            Scheduling::Separate => numbers.start + 1..numbers.end,
            Scheduling::WorkStealing => 0..0,
        };
        for place in others {
            let other = fabric.intake(Life { place, ..life })?;
            intake.inherited = intake.inherited.and(other.inherited);
        }
        Ok(intake)
    }

    /// Returns a change of workers as a change of processes, which begins now.
    pub(super) fn begin(&mut self, change: Change) -> Result<Change, ChangeError> {
        let Self::Threads { size, .. } = self else {
            return Ok(change);
        };
        match change {
            Change::Scale { workers, .. } if workers > size.places => {
                Err(ChangeError::TooFewPlaces {
                    workers: workers.get(),
                    places: size.places.get(),
                })
            }
            // Its successor serves all connections that follow, so none is left to close.
            Change::Scale { workers, .. } if workers != size.workers => {
                size.workers = workers;
                Ok(Change::Reload(Reload::default()))
            }
            Change::Scale { close, .. } => Ok(Change::Scale {
                workers: ONE_PROCESS,
                close,
            }),
            Change::Restart { worker } if worker >= size.workers.get() => {
                Err(ChangeError::NoSuchWorker {
                    worker,
                    workers: size.workers.get(),
                })
            }
            Change::Restart { .. } => Ok(Change::Restart { worker: 0 }),
            Change::Reload(_) | Change::ReplaceDispatcher { .. } => Ok(change),
        }
    }

    /// Notes that a process with these workers stays, since its successor has failed.
    pub(super) fn stay(&mut self, numbers: &Range<usize>) {
        if let (Self::Threads { size, .. }, Some(workers)) =
            (self, NonZeroUsize::new(numbers.len()))
        {
            size.workers = workers;
        }
    }
}

/// The number of processes of a fleet of threads.
const ONE_PROCESS: NonZeroUsize = NonZeroUsize::MIN;

#[cfg(test)]
mod tests {
    use super::*;

    fn three_of_five() -> Grouping {
        let number = |number| NonZeroUsize::new(number).unwrap();
        Grouping::Threads {
            scheduling: Scheduling::Separate,
            size: Size {
                workers: number(3),
                places: number(5),
            },
        }
    }

    fn scale(workers: usize) -> Change {
        let workers = NonZeroUsize::new(workers).unwrap();
        Change::Scale {
            workers,
            close: None,
        }
    }

    #[test]
    fn another_number_of_threads_takes_another_process() {
        let mut grouping = three_of_five();
        let change = grouping.begin(scale(5)).unwrap();
        assert_eq!(
            (change, grouping.numbers(0)),
            (Change::Reload(Reload::default()), 0..5)
        );
        assert_eq!(grouping.begin(scale(5)).unwrap(), scale(1), "nothing to do");
    }

    #[test]
    fn a_process_that_stays_has_the_threads_that_it_had() {
        let mut grouping = three_of_five();
        let had = grouping.numbers(0);
        grouping.begin(scale(1)).unwrap();
        grouping.stay(&had);
        assert_eq!(grouping.numbers(0), 0..3);
    }

    #[test]
    fn threads_that_are_not_there_are_named() {
        let mut grouping = three_of_five();
        let error = grouping.begin(scale(6)).unwrap_err().to_string();
        assert!(error.contains("launched with 5"), "{error}");
        let error = grouping
            .begin(Change::Restart { worker: 3 })
            .unwrap_err()
            .to_string();
        assert!(error.contains("the fleet has 3"), "{error}");
    }
}
