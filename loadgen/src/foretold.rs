//! The requests of a run, known beforehand.

use crate::arrival::process;
use crate::clock::nanos;
use crate::spec::LoadSpec;
use crate::work::{Work, WorkSequence};

/// One request of an open loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foretold {
    /// When it is due, nanoseconds since the load began; the window opens after
    /// the warm-up.
    pub at_ns: u64,
    /// What it costs the server, microseconds.
    pub work_us: u64,
}

/// More requests than this are not foretold: they would take a gigabyte.
const MOST_FORETOLD: usize = 1 << 26;

/// The very requests that a run of this offers until its window closes, in the
/// order in which they are due. `None` where arrivals or costs are not known
/// beforehand: in the closed loop, and with targets as they stand. `None`, too,
/// of more than 67 million.
///
/// The threads take turns at the arrivals, and each sends its own in order and
/// draws its work as it goes. So arrival `n` of `k` threads has the `n / k`-th
/// cost of thread `n % k`, whatever the answers are.
#[must_use]
pub fn foretell(spec: &LoadSpec) -> Option<Vec<Foretold>> {
    let Work::Mix(_) = spec.request.work else {
        return None;
    };
    let mut arrivals = process(spec)?;
    let end = nanos(spec.warmup.saturating_add(spec.duration));
    let threads = spec.busy_threads();
    let mut work: Vec<_> = (0..threads)
        .map(|thread| WorkSequence::new(&spec.request.work, spec.seed, thread))
        .collect();
    let mut requests = Vec::new();
    for (number, thread) in (0..).zip((0..threads).cycle()) {
        let Some(at_ns) = arrivals.at(number).filter(|at| *at < end) else {
            break;
        };
        if requests.len() == MOST_FORETOLD {
            return None;
        }
        let work_us = work[thread].next().us;
        requests.push(Foretold { at_ns, work_us });
    }
    Some(requests)
}
