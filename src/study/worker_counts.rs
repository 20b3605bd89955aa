//! How many requests each worker answers, interval by interval.

use evenkeel_strategies::{Deployment, Scoreboard, Slot};

/// The workers' own counts.
#[derive(Debug)]
pub(super) struct WorkerCounts<'a> {
    scoreboard: &'a Scoreboard,
    /// What each had answered at the last reading.
    last: Vec<u64>,
}

impl<'a> WorkerCounts<'a> {
    /// Begins to follow the workers of a fleet; `None` if they do not count.
    pub(super) fn of(fleet: &'a Deployment) -> Option<Self> {
        let scoreboard = fleet.scoreboard()?;
        let last = answered(scoreboard);
        Some(Self { scoreboard, last })
    }

    /// Returns the requests of each worker since the last call.
    pub(super) fn since_last(&mut self) -> Vec<u64> {
        let now = answered(self.scoreboard);
        let last = std::mem::replace(&mut self.last, now);
        let both = self.last.iter().zip(last);
        both.map(|(now, last)| now - last).collect()
    }
}

/// Returns the requests that each worker has answered, in all its lives.
fn answered(scoreboard: &Scoreboard) -> Vec<u64> {
    let workers = 0..scoreboard.workers();
    let of_lives = |worker| scoreboard.lives(worker).map(Slot::requests_served);
    workers
        .map(|worker| of_lives(worker).iter().sum())
        .collect()
}
