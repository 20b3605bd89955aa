//! The requests of an open loop, computed before it starts.

use super::process;
use super::work_sequence::WorkSequence;
use crate::clock::nanos;
use crate::spec::{LoadSpec, Work};

/// One request of an open loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredictedRequest {
    /// When it is due, in nanoseconds since the load began; the window opens after the warm-up.
    pub at_ns: u64,
    /// What it costs the server, in microseconds.
    pub work_us: u64,
}

/// Most requests that are predicted: they take a gigabyte.
const MAX_PREDICTED: usize = 1 << 26;

/// Returns exactly the requests that a run offers until its window closes, in the order in which they
/// are due. `None` if arrivals or costs cannot be predicted (in the closed loop, and with fixed
/// targets), and for more than 67 million requests.
///
/// Threads take turns at the arrivals; each sends its own in order and draws their work as it
/// goes. So with `k` threads, arrival `n` has cost number `n / k` of thread `n % k`, whatever the
/// answers are.
#[must_use]
pub fn predict(spec: &LoadSpec) -> Option<Vec<PredictedRequest>> {
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
        if requests.len() == MAX_PREDICTED {
            return None;
        }
        let work_us = work[thread].next().us;
        requests.push(PredictedRequest { at_ns, work_us });
    }
    Some(requests)
}
