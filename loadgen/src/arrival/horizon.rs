//! Where the arrivals of a run end.

use std::sync::atomic::{AtomicBool, Ordering};

use super::process;
use crate::clock::nanos;
use crate::offer::Offer;
use crate::spec::LoadSpec;

/// How many arrivals are drawn between two looks at whether to stop: some
/// milliseconds.
const DRAWN_AT_ONCE: u64 = 1 << 18;

/// The end of an offer, by time and by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Horizon {
    /// When the window closes, in nanoseconds since the load began.
    pub(crate) end: u64,
    /// How many arrivals there are, warm-up included and over all threads.
    pub(crate) arrivals: u64,
}

impl Horizon {
    /// Looks ahead: where a number of requests ends an open loop, the window
    /// closes when the last of them is due, which the seed has settled already.
    pub(crate) fn of(spec: &LoadSpec, stop: &AtomicBool) -> Self {
        let ordered = nanos(spec.warmup.saturating_add(spec.duration));
        let by_time = Self {
            end: match &spec.offer {
                Offer::Trace(trace) => ordered.min(nanos(trace.length())),
                Offer::Open { .. } | Offer::Closed => ordered,
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
        // In steps, so that neither a far number nor a wish to stop is missed.
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
