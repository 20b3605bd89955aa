//! The workers of a fleet as a policy sees them at the moment of a pick.

use super::free_list::FreeList;
use super::scoreboard::Scoreboard;
use super::signal::Signal;

/// The load of a worker that must not be picked: more than any other can have.
pub const UNAVAILABLE: u32 = u32::MAX;

/// The workers of a fleet: who is available, and who has how much to do.
///
/// Loads are read when they are asked for, and only as far as they are asked for. So a policy
/// that looks at two workers costs the same in a fleet of two and of two thousand.
#[derive(Debug)]
pub struct Workers {
    /// 0 for those that are available, else [`UNAVAILABLE`]: to be or-ed to their loads.
    masks: Vec<u32>,
    available: usize,
    changes: u64,
    /// What this dispatcher has given to each, and it has not acknowledged or answered.
    outstanding: Vec<u32>,
    /// The place of each one's last acknowledgement in the order of all: 0 is none yet.
    acknowledged_at: Vec<u64>,
    acknowledgements: u64,
    /// Where the workers themselves count, if this dispatcher cannot see what becomes of what
    /// it gives them.
    scoreboard: Option<Scoreboard>,
    /// What is outstanding, with the masks: always, or with a scoreboard what was read last.
    loads: Vec<u32>,
    /// Those that are available and have acknowledged everything, in the order in which they did.
    free: FreeList,
}

impl Workers {
    /// So many workers, all available, whose loads are what this dispatcher gives them.
    pub fn new(count: usize) -> Self {
        Self {
            masks: vec![0; count],
            available: count,
            changes: 0,
            outstanding: vec![0; count],
            acknowledged_at: vec![0; count],
            acknowledgements: 0,
            scoreboard: None,
            loads: vec![0; count],
            free: FreeList::of_all(count),
        }
    }

    /// Workers whose loads are what they count themselves.
    pub(crate) fn counted_on(scoreboard: Scoreboard) -> Self {
        Self {
            scoreboard: Some(scoreboard.clone()),
            ..Self::new(scoreboard.workers())
        }
    }

    /// How many there are in the fleet, available or not.
    pub fn count(&self) -> usize {
        self.masks.len()
    }

    /// How many can be given work.
    pub fn available(&self) -> usize {
        self.available
    }

    /// Whether a worker can be given work: alive, not draining, and its channel not full.
    pub fn is_available(&self, worker: usize) -> bool {
        self.masks[worker] == 0
    }

    /// How often a worker has become available or unavailable so far: while it stays the same,
    /// so do all answers of [`is_available`](Self::is_available).
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The load of one worker at this moment, whether it is available or not.
    pub fn load(&self, worker: usize, signal: Signal) -> u32 {
        match &self.scoreboard {
            Some(scoreboard) => scoreboard.slot(worker).load(signal),
            None => self.outstanding[worker],
        }
    }

    /// The loads of all workers at this moment, [`UNAVAILABLE`] where one must not be picked.
    pub fn loads(&mut self, signal: Signal) -> &[u32] {
        if let Some(scoreboard) = &self.scoreboard {
            let masked = self.loads.iter_mut().zip(&self.masks);
            for (worker, (load, mask)) in masked.enumerate() {
                *load = scoreboard.slot(worker).load(signal) | mask;
            }
        }
        &self.loads
    }

    /// The loads of all available workers together, at this moment.
    pub fn total(&mut self, signal: Signal) -> u32 {
        let sum = |sum: u32, load: &u32| sum.wrapping_add(*load);
        let loads = self.loads(signal).iter().fold(0, sum);
        // `UNAVAILABLE` is one less than nothing where sums wrap round; without a condition
        // the compiler vectorises.
        loads.wrapping_add((self.count() - self.available) as u32)
    }

    /// The available worker that acknowledged everything it was given longest ago; `None` if
    /// nobody has. O(1).
    ///
    /// A request is acknowledged by the end of its answer. Hand-offs are counted only for
    /// policies that have workers [tell of them](crate::policy::FeedbackMode::OnAccept).
    pub fn longest_free(&self) -> Option<usize> {
        self.free.first()
    }

    /// A worker was given something that it is to acknowledge or to answer.
    pub fn begin(&mut self, worker: usize) {
        self.outstanding[worker] += 1;
        self.loads[worker] = self.outstanding[worker] | self.masks[worker];
        self.free.leave(worker);
    }

    /// A worker has acknowledged or answered so much of what it was given.
    pub fn end(&mut self, worker: usize, count: u32) {
        self.acknowledgements += 1;
        self.outstanding[worker] = self.outstanding[worker].saturating_sub(count);
        self.acknowledged_at[worker] = self.acknowledgements;
        self.loads[worker] = self.outstanding[worker] | self.masks[worker];
        self.free.leave(worker);
        if self.loads[worker] == 0 {
            self.free.join(worker);
        }
    }

    /// A worker can be given work from now on, or cannot. Whether that is a change.
    pub fn set_available(&mut self, worker: usize, available: bool) -> bool {
        if self.is_available(worker) == available {
            return false;
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
        self.free.leave(worker);
        if self.loads[worker] == 0 {
            let since = |worker: usize| (self.acknowledged_at[worker], worker);
            self.free
                .join_where(worker, |other| since(other) > since(worker));
        }
        true
    }
}
