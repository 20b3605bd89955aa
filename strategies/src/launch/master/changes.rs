//! The changes that a master was asked for.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::change::{Change, ChangeError};
use super::grouping::Grouping;
use super::place::Place;
use super::plan::{self, Places, Step};

/// What a master is asked to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Make a change, and send back what came of it.
    Make(Change, Outcome),
    /// Go on with no change. What has begun in a place is completed.
    Abandon,
}

/// The way back for what came of a change.
type Outcome = SyncSender<Result<(), ChangeError>>;

/// Changes in the order in which they were asked for. One is carried out at a time.
#[derive(Debug, Default)]
pub(super) struct Changes {
    waiting: VecDeque<(Change, Outcome)>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    /// The steps that are not done. The first one has begun.
    steps: VecDeque<Step>,
    failure: Option<ChangeError>,
    outcome: Outcome,
}

impl Changes {
    pub(super) fn take(&mut self, order: Order) {
        match order {
            Order::Make(change, outcome) => self.waiting.push_back((change, outcome)),
            // Those who wait for an outcome learn that there is none.
            Order::Abandon => *self = Self::default(),
        }
    }

    /// Notes why the running change fails, if there is one. The first reason counts.
    pub(super) fn blame(&mut self, error: ChangeError) {
        if let Some(running) = &mut self.running {
            running.failure.get_or_insert(error);
        }
    }

    /// Goes on if the running step is done: with the next one, or with the next change. Returns whether it has
    /// told places anything. The last places are those of the `dispatchers`, and `drain_within` is the drain
    /// time of the fleet.
    pub(super) fn advance(
        &mut self,
        places: &mut [Place],
        dispatchers: usize,
        grouping: &mut Grouping,
        drain_within: Duration,
    ) -> bool {
        if let Some(running) = &mut self.running {
            if running.steps.front().is_some_and(|it| !it.is_done(places)) {
                return false;
            }
            running.steps.pop_front();
            if running.begin_step(places) {
                return true;
            }
            self.running = None;
        }
        let Some((change, outcome)) = self.waiting.pop_front() else {
            return false;
        };
        let of_workers = &places[..places.len() - dispatchers];
        let all = Places {
            wanted: of_workers.iter().map(Place::is_wanted).collect(),
            dispatchers,
        };
        let change = grouping.begin(change);
        match change.and_then(|change| plan::steps(&change, &all, drain_within)) {
            Ok(steps) => {
                let mut running = Running {
                    steps,
                    failure: None,
                    outcome,
                };
                if running.begin_step(places) {
                    self.running = Some(running);
                }
            }
            Err(error) => answer(&outcome, Err(error)),
        }
        true
    }
}

impl Running {
    /// Begins the next step. If there is none, or a step has failed, it answers and returns false.
    fn begin_step(&mut self, places: &mut [Place]) -> bool {
        match (self.failure.take(), self.steps.front()) {
            (None, Some(step)) => {
                step.begin(places, Instant::now());
                return true;
            }
            (Some(failure), _) => answer(&self.outcome, Err(failure)),
            (None, None) => answer(&self.outcome, Ok(())),
        }
        false
    }
}

fn answer(outcome: &Outcome, answer: Result<(), ChangeError>) {
    // The caller waits for it, so it never fails.
    let _sent = outcome.send(answer);
}
