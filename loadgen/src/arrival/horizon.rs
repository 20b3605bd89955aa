//! Where the arrivals of a run end.

use super::process;
use crate::clock::nanos;
use crate::offer::Offer;
use crate::spec::LoadSpec;

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
    pub(crate) fn of(spec: &LoadSpec) -> Self {
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
        let mut first = 0;
        while process.at(first).is_some_and(|at| at < begin) {
            first += 1;
        }
        let arrivals = first.saturating_add(requests.get());
        match process.at(arrivals - 1) {
            Some(last) if last < by_time.end => Self {
                end: last + 1,
                arrivals,
            },
            _ => by_time,
        }
    }
}
