//! The workers of a fleet, as a policy sees them at the moment of a pick.

use super::eligibility::{Reason, Reasons};
use super::scoreboard::{Scoreboard, line_of};
use super::{free_list::FreeList, life::Life, signal::Signal};

/// The load of a worker that must not be picked, larger than any real load.
pub const UNAVAILABLE: u32 = u32::MAX;

/// The workers of a fleet: which are available, and their loads.
///
/// A load is read when the policy uses it. So a policy that looks at two workers costs the same in a
/// fleet of two and of two thousand.
#[derive(Debug)]
pub struct Workers {
    /// Why each worker may not be picked.
    reasons: Vec<Reasons>,
    /// 0 for workers without a reason, otherwise [`UNAVAILABLE`]. They are or-ed to the loads.
    masks: Vec<u32>,
    available: usize,
    changes: u64,
    /// The generation of the worker in each place: of the one that is there, or of the next one.
    generations: Vec<u32>,
    /// What this dispatcher has given to each worker, and the worker has not acknowledged or answered.
    outstanding: Vec<u32>,
    /// The position of each worker's last acknowledgement among all, or 0 if there is none.
    acknowledged_at: Vec<u64>,
    acknowledgements: u64,
    /// The workers' own counters, if this dispatcher does not see answers.
    scoreboard: Option<Scoreboard>,
    /// For each place the line of the scoreboard in which its worker counts.
    lines: Vec<usize>,
    /// The outstanding work, or with a scoreboard the loads that were read last, with masks applied.
    loads: Vec<u32>,
    /// The available workers that have acknowledged everything, in the order of that.
    free: FreeList,
}

impl Workers {
    /// Creates `count` available workers. Their loads are what this dispatcher gives them.
    pub fn new(count: usize) -> Self {
        Self {
            reasons: vec![Reasons::default(); count],
            masks: vec![0; count],
            available: count,
            changes: 0,
            generations: vec![0; count],
            outstanding: vec![0; count],
            acknowledged_at: vec![0; count],
            acknowledgements: 0,
            scoreboard: None,
            lines: Vec::new(),
            loads: vec![0; count],
            free: FreeList::of_all(count),
        }
    }

    /// Creates workers whose loads come from a scoreboard.
    pub(crate) fn with_scoreboard(scoreboard: Scoreboard) -> Self {
        let places = scoreboard.workers();
        let lines = (0..places).map(|place| line_of(Life::first(place), places));
        Self {
            lines: lines.collect(),
            scoreboard: Some(scoreboard),
            ..Self::new(places)
        }
    }

    /// Returns the number of workers in the fleet, available or not.
    pub fn count(&self) -> usize {
        self.masks.len()
    }

    /// Returns the number of available workers.
    pub fn available(&self) -> usize {
        self.available
    }

    /// Returns the number of workers that are there, available or not.
    pub(crate) fn present(&self) -> usize {
        let reasons = self.reasons.iter();
        reasons.filter(|it| !it.has(Reason::Absent)).count()
    }

    /// Whether a worker is available: there is no [`Reason`] why it may not be picked.
    pub fn is_available(&self, worker: usize) -> bool {
        self.masks[worker] == 0
    }

    /// Returns how often workers have become available or unavailable so far. While this number stays
    /// the same, so do all results of [`is_available`](Self::is_available).
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Returns the load of one worker at this moment, whether it is available or not.
    pub fn load(&self, worker: usize, signal: Signal) -> u32 {
        match &self.scoreboard {
            Some(scoreboard) => scoreboard.line(self.lines[worker]).load(signal),
            None => self.outstanding[worker],
        }
    }

    /// Returns the loads of all workers at this moment, [`UNAVAILABLE`] for those that must not be picked.
    pub fn loads(&mut self, signal: Signal) -> &[u32] {
        if let Some(scoreboard) = &self.scoreboard {
            let masked = self.loads.iter_mut().zip(&self.masks);
            for ((load, mask), line) in masked.zip(&self.lines) {
                *load = scoreboard.line(*line).load(signal) | mask;
            }
        }
        &self.loads
    }

    /// Returns the sum of the loads of all available workers at this moment.
    pub fn total(&mut self, signal: Signal) -> u32 {
        let sum = |sum: u32, load: &u32| sum.wrapping_add(*load);
        let loads = self.loads(signal).iter().fold(0, sum);
        // With wrapping sums `UNAVAILABLE` is -1. Without a condition the compiler vectorises.
        loads.wrapping_add((self.count() - self.available) as u32)
    }

    /// Returns the worker that has been free for the longest time: available, with everything
    /// acknowledged. O(1).
    ///
    /// The end of its answer acknowledges a request. Hand-offs are counted only for policies
    /// with [feedback](crate::policy::FeedbackMode::OnAccept).
    pub fn longest_free(&self) -> Option<usize> {
        self.free.first()
    }

    /// Returns how much this dispatcher has given to a worker that the worker has not acknowledged or answered.
    pub(crate) fn outstanding(&self, worker: usize) -> u32 {
        self.outstanding[worker]
    }

    /// Counts something that was given to a worker.
    pub fn begin(&mut self, worker: usize) {
        self.outstanding[worker] += 1;
        self.loads[worker] = self.outstanding[worker] | self.masks[worker];
        self.free.remove(worker);
    }

    /// Counts what a worker has acknowledged or answered.
    pub fn end(&mut self, worker: usize, count: u32) {
        self.acknowledgements += 1;
        self.outstanding[worker] = self.outstanding[worker].saturating_sub(count);
        self.acknowledged_at[worker] = self.acknowledgements;
        self.loads[worker] = self.outstanding[worker] | self.masks[worker];
        self.free.remove(worker);
        if self.loads[worker] == 0 {
            self.free.append(worker);
        }
    }

    /// Returns the life in this place: the one that is there, or the next one.
    pub fn life(&self, place: usize) -> Life {
        Life {
            place,
            generation: self.generations[place],
        }
    }

    /// Makes a new worker available in its place. What an earlier one there has left to do no longer counts.
    /// It is free, and the last of all that are.
    pub fn admit(&mut self, life: Life) {
        let worker = life.place;
        self.set_reasons(worker, Reasons::default().set(Reason::Absent, true));
        self.generations[worker] = life.generation;
        if let Some(line) = self.lines.get_mut(worker) {
            *line = line_of(life, self.masks.len());
        }
        self.outstanding[worker] = 0;
        self.acknowledgements += 1;
        self.acknowledged_at[worker] = self.acknowledgements;
        self.set_reasons(worker, Reasons::default());
    }

    /// Makes the place of a worker empty until the next one is [admitted](Self::admit). Call it for the life
    /// that is there.
    pub fn retire(&mut self, life: Life) {
        self.generations[life.place] = life.generation + 1;
        self.set_ineligible(life.place, Reason::Absent, true);
    }

    /// Makes a worker present or absent. Returns whether that is a change.
    pub fn set_available(&mut self, worker: usize, available: bool) -> bool {
        self.set_ineligible(worker, Reason::Absent, !available)
    }

    /// Sets or clears a reason why a worker may not be picked. Returns whether that is a change of this reason.
    /// The worker is available as long as it has none.
    pub fn set_ineligible(&mut self, worker: usize, reason: Reason, applies: bool) -> bool {
        let reasons = self.reasons[worker];
        self.set_reasons(worker, reasons.set(reason, applies));
        reasons.has(reason) != applies
    }

    /// Whether this is one of the reasons why a worker may not be picked.
    pub(crate) fn is_ineligible(&self, worker: usize, reason: Reason) -> bool {
        self.reasons[worker].has(reason)
    }

    fn set_reasons(&mut self, worker: usize, reasons: Reasons) {
        self.reasons[worker] = reasons;
        let available = reasons.are_none();
        if self.is_available(worker) == available {
            return;
        }
        self.changes += 1;
        if available {
            self.available += 1;
            self.masks[worker] = 0;
        } else {
            self.available -= 1;
            self.masks[worker] = UNAVAILABLE;
        }
        self.loads[worker] = self.outstanding[worker] | self.masks[worker];
        self.free.remove(worker);
        if self.loads[worker] == 0 {
            let since = |worker: usize| (self.acknowledged_at[worker], worker);
            self.free
                .insert(worker, |other| since(other) > since(worker));
        }
    }
}

#[cfg(test)]
mod tests;
