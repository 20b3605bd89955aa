//! The changes of a fleet that the events of a scenario make, in the order of their times.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use evenkeel_common::duration::show;
use evenkeel_common::units::plural;
use evenkeel_strategies::{Change, Order, Overlap, Reload};

use super::{InvalidScenario, Scenario};
use crate::values::Share;

/// A change of a fleet at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedChange {
    /// Since the measured time began.
    pub(crate) at: Duration,
    pub(crate) change: Change,
    /// Number of the event that makes it, from 0.
    event: usize,
}

impl Scenario {
    /// Returns the changes in this measured time, in the order of their times; those of one time in the
    /// order of their events.
    pub(crate) fn changes(&self, duration: Duration) -> Vec<PlannedChange> {
        let events = self.events.iter().enumerate();
        let changes = events.filter_map(|(number, event)| Some((number, event, event.change()?)));
        let changes = changes.flat_map(|(event, it, change)| {
            it.times(duration).map(move |at| PlannedChange {
                at,
                change: change.clone(),
                event,
            })
        });
        let mut changes: Vec<PlannedChange> = changes.collect();
        changes.sort_by_key(|planned| planned.at);
        changes
    }

    /// Returns how many workers the fleet has at most, if it begins with this number.
    pub(crate) fn most_workers(&self, workers: usize) -> usize {
        let scaled = self
            .events
            .iter()
            .filter_map(|event| match event.change()? {
                Change::Scale { workers, .. } => Some(workers.get()),
                _ => None,
            });
        scaled.fold(workers, usize::max)
    }

    /// Checks the events, of themselves.
    pub(super) fn check_events(&self) -> Result<(), InvalidScenario> {
        let mut problems = self.events.iter().enumerate();
        let problem = problems.find_map(|(number, event)| Some((number, event.problem()?)));
        problem.map_or(Ok(()), |(number, (key, problem))| {
            Err(self.invalid_event(number, key, problem))
        })
    }

    /// Checks the events in this measured time, with a fleet that begins with these numbers of workers and
    /// dispatchers.
    ///
    /// # Errors
    /// [`InvalidScenario`] for an event after the end, and for a worker or dispatcher that the fleet does not
    /// have then.
    pub(crate) fn check_changes(
        &self,
        duration: Duration,
        workers: usize,
        dispatchers: usize,
    ) -> Result<(), InvalidScenario> {
        for (number, event) in self.events.iter().enumerate() {
            if let Some((key, problem)) = event.problem_within(duration) {
                return Err(self.invalid_event(number, key, problem));
            }
        }
        let mut present = workers;
        for planned in self.changes(duration) {
            match planned.change {
                Change::Scale { workers, .. } => present = workers.get(),
                Change::Restart { worker } if worker >= present => {
                    let problem = format!(
                        "there is no worker {worker} at {}: the fleet has {} then, numbered from 0",
                        show(planned.at),
                        plural(present, "worker")
                    );
                    return Err(self.invalid_event(planned.event, "worker", problem));
                }
                Change::ReplaceDispatcher {
                    dispatcher: Some(number),
                    ..
                } if number >= dispatchers => {
                    let problem = format!(
                        "there is no dispatcher {number}: the fleet has {}, numbered from 0",
                        plural(dispatchers, "dispatcher")
                    );
                    return Err(self.invalid_event(planned.event, "dispatcher", problem));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn invalid_event(
        &self,
        number: usize,
        key: &str,
        problem: String,
    ) -> InvalidScenario {
        self.invalid(&format!("event.{number}.{key}"), problem)
    }

    /// Says of each reload during which nobody listens for a while that this is so.
    pub(crate) fn warnings_of_changes(&self, workers: usize) -> Vec<String> {
        let is_gap = |reload: &Reload| {
            let at_once = reload.order == Order::AllAtOnce || workers == 1;
            at_once && reload.overlap == Overlap::DrainThenStart
        };
        let warnings = self.events.iter().filter_map(|event| match event.change()? {
            Change::Reload(reload) if is_gap(&reload) => Some(format!(
                "{}: during \"{event}\" no worker is there for a while, since all drain before new ones \
                 start",
                self.name
            )),
            _ => None,
        });
        warnings.collect()
    }
}

/// Says in a few words what a change does, such as `reload all at once`. What is usual is not said.
pub(crate) fn words(change: &Change) -> String {
    match change {
        Change::Reload(reload) => words_of_reload(reload),
        Change::Scale { workers, close } => {
            let workers = plural(workers.get(), "worker");
            match close {
                None => format!("scale to {workers}"),
                Some(share) => format!("scale to {workers}, close {}", Share(share.number())),
            }
        }
        Change::Restart { worker } => format!("restart worker {worker}"),
        Change::ReplaceDispatcher {
            dispatcher,
            drain_within,
        } => {
            let which = dispatcher.map_or("every dispatcher".to_owned(), |number| {
                format!("dispatcher {number}")
            });
            format!("replace {which}{}", words_of_drain(*drain_within))
        }
    }
}

fn words_of_drain(within: Option<Duration>) -> String {
    within.map_or_else(String::new, |within| {
        format!(", drain within {}", show(within))
    })
}

fn words_of_reload(reload: &Reload) -> String {
    let mut words = "reload".to_owned();
    if reload.order == Order::AllAtOnce {
        words += " all at once";
    }
    if reload.overlap == Overlap::DrainThenStart {
        words += ", drain then start";
    }
    words + &words_of_drain(reload.drain_within)
}

impl Display for PlannedChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", show(self.at), words(&self.change))
    }
}

#[cfg(test)]
mod tests;
