//! What became of each request of an open loop, one by one.

use crate::foretold::{Foretold, foretell};
use crate::http1::Answer;
use crate::spec::LoadSpec;

/// What became of one arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The arrival, as it was ordered.
    pub foretold: Foretold,
    /// `None` if it failed, or its answer did not say what it took.
    pub served: Option<Served>,
}

/// A request that was answered with a status below 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// When all of it was sent, nanoseconds since the load began: from then on it can be served.
    pub sent_ns: u64,
    /// When its answer was whole, nanoseconds since the load began.
    pub answered_ns: u64,
    /// For how long it took the server up, nanoseconds, by its `x-evenkeel-work` field.
    pub work_ns: u64,
    /// The number of the worker that served it, by its `x-evenkeel-worker` field.
    pub worker: u32,
}

impl Served {
    /// By this answer; `None` if it does not say all that counts.
    pub(crate) fn by(answer: &Answer, sent_ns: u64, answered_ns: u64) -> Option<Self> {
        (answer.status < 400).then_some(Self {
            sent_ns,
            answered_ns,
            work_ns: answer.work_ns?,
            worker: answer.worker?,
        })
    }
}

/// One thread's part of a ledger: a line for each arrival that is its turn. All lines are there
/// before the load begins.
#[derive(Debug)]
pub(crate) struct Ledger {
    lines: Vec<Option<Served>>,
}

impl Ledger {
    /// Lines for the turns of `thread` at so many arrivals.
    pub(crate) fn new(arrivals: usize, thread: usize, threads: usize) -> Self {
        let turns = arrivals.saturating_sub(thread).div_ceil(threads);
        Self {
            lines: vec![None; turns],
        }
    }

    /// Writes down the request of a turn. One beyond the last line is due after the window.
    pub(crate) fn write(&mut self, turn: usize, served: Option<Served>) {
        if let Some(line) = self.lines.get_mut(turn) {
            *line = served;
        }
    }
}

/// The arrivals of a run whose ledger is ordered and can be kept.
pub(crate) fn ordered(spec: &LoadSpec) -> Option<Vec<Foretold>> {
    spec.keep_ledger.then(|| foretell(spec)).flatten()
}

/// The threads' parts as one, in the order of the arrivals: the threads take turns.
pub(crate) fn merge(arrivals: Vec<Foretold>, parts: &[Ledger]) -> Vec<Entry> {
    let entry = |(number, foretold): (usize, Foretold)| {
        let part = &parts[number % parts.len()];
        let line = part.lines.get(number / parts.len());
        Entry {
            foretold,
            served: line.copied().flatten(),
        }
    };
    arrivals.into_iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_turns_make_up_all_arrivals_in_their_order() {
        for (arrivals, threads) in [(0, 3), (1, 3), (7, 3), (9, 3), (5, 1)] {
            let mut parts: Vec<_> = (0..threads)
                .map(|thread| Ledger::new(arrivals, thread, threads))
                .collect();
            let served = |number: usize| Served {
                sent_ns: 0,
                answered_ns: number as u64,
                work_ns: 0,
                worker: 0,
            };
            for number in 0..arrivals + 3 {
                parts[number % threads].write(number / threads, Some(served(number)));
            }
            let foretold = |at_ns| Foretold { at_ns, work_us: 0 };
            let merged = merge((0..arrivals as u64).map(foretold).collect(), &parts);
            assert_eq!(merged.len(), arrivals);
            for (number, entry) in merged.into_iter().enumerate() {
                assert_eq!(entry.served, Some(served(number)));
            }
        }
    }
}
