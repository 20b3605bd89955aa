//! When a run ends.

use std::sync::atomic::{AtomicBool, Ordering};

use super::process;
use crate::clock::nanos;
use crate::spec::{LoadSpec, Offer};

/// Number of arrivals that are drawn between two checks for a stop: some milliseconds.
const DRAWN_AT_ONCE: u64 = 1 << 18;

/// The end of a run, by time and by number of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunEnd {
    /// When the window closes, in nanoseconds since the load began.
    pub(crate) end: u64,
    /// Number of arrivals over all threads, including the warm-up.
    pub(crate) arrivals: u64,
}

impl RunEnd {
    /// Computes the end before the run starts: if a number of requests ends an open loop, the window
    /// closes when the last of them is due, which follows from the seed.
    pub(crate) fn of(spec: &LoadSpec, stop: &AtomicBool) -> Self {
        let planned = nanos(spec.warmup.saturating_add(spec.duration));
        let by_time = Self {
            end: match &spec.offer {
                Offer::Trace(trace) => planned.min(nanos(trace.length())),
                Offer::Open { .. } | Offer::Closed => planned,
            },
            arrivals: u64::MAX,
        };
        let (Some(requests), Some(mut process)) = (spec.requests, process(spec)) else {
            return by_time;
        };
        let begin = nanos(spec.warmup);
        let mut number = 0;
        while process.at(number).is_some_and(|at| at < begin) {
            number += 1;
            if number % DRAWN_AT_ONCE == 0 && stop.load(Ordering::Relaxed) {
                return by_time;
            }
        }
        let arrivals = number.saturating_add(requests.get());
        // In steps, to notice a stop and the end of the window.
        while number < arrivals - 1 && !stop.load(Ordering::Relaxed) {
            number = (number + DRAWN_AT_ONCE).min(arrivals - 1);
            if process.at(number).is_none_or(|at| at >= by_time.end) {
                return by_time;
            }
        }
        match process.at(number) {
            Some(last) if last < by_time.end => Self {
                end: last + 1,
                arrivals,
            },
            _ => by_time,
        }
    }
}
