//! When open-loop requests are due: a pure function of what is offered, of the
//! seed and of the number of the arrival.
//!
//! There is one sequence of arrivals for all threads together, and they take
//! turns at it. So it is the same whatever their number, they are out of phase,
//! and each follows the same shape.

mod burst;
mod check;
mod constant;
mod horizon;
mod poisson;
mod ramp;
mod replay;
mod schedule;

use std::fmt::Debug;

pub use check::{Finding, ScheduleCheck};
pub(crate) use check::{SAMPLE, check};
pub(crate) use horizon::Horizon;
pub(crate) use schedule::Schedule;

use crate::clock::{Window, nanos};
use crate::offer::{Arrivals, Offer};
use crate::spec::LoadSpec;

const NANOS_PER_SECOND: f64 = 1e9;

/// A sequence of arrivals.
pub(crate) trait Process: Debug + Send {
    /// When the arrival of this number is due, in nanoseconds since the load
    /// began; `None` if there are fewer. Numbers count from 0, and must not go
    /// back from call to call; times do not, either.
    fn at(&mut self, number: u64) -> Option<u64>;

    /// How many arrivals are ordered from the beginning of the load until this
    /// time, in nanoseconds, as a real number: its slope is the rate.
    fn ordered(&self, until_ns: f64) -> f64;

    /// What the gaps between arrivals are to be.
    fn spacing(&self) -> Spacing {
        Spacing::Even
    }
}

/// What the gaps between arrivals are, at a rate that may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spacing {
    Even,
    Exponential,
    Recorded,
}

impl dyn Process + '_ {
    /// How many arrivals are ordered in this window.
    pub(crate) fn ordered_in(&self, window: Window) -> f64 {
        self.ordered(window.end as f64) - self.ordered(window.begin as f64)
    }
}

/// The arrivals of this offer; `None` in the closed loop.
pub(crate) fn process(spec: &LoadSpec) -> Option<Box<dyn Process>> {
    let (rate_rps, arrivals) = match &spec.offer {
        Offer::Closed => return None,
        Offer::Trace(trace) => return Some(Box::new(replay::Replay::new(trace.clone()))),
        Offer::Open { rate_rps, arrivals } => (*rate_rps, *arrivals),
    };
    Some(match arrivals {
        Arrivals::Constant => Box::new(constant::Constant::new(rate_rps)),
        Arrivals::Poisson => Box::new(poisson::Poisson::new(rate_rps, spec.seed)),
        Arrivals::Burst { on, off } => Box::new(burst::Burst::new(rate_rps, nanos(on), nanos(off))),
        Arrivals::Ramp { to_rps } => {
            let begin = nanos(spec.warmup);
            Box::new(ramp::Ramp::new(
                rate_rps,
                to_rps,
                begin,
                nanos(spec.duration),
            ))
        }
    })
}

/// A time that was computed, to the nearest nanosecond; `None` if it lies
/// beyond the 584 years that 64 bits can hold.
fn to_nanos(at_ns: f64) -> Option<u64> {
    // The cast of a float saturates.
    let at = at_ns.round() as u64;
    (at < u64::MAX).then_some(at)
}

#[cfg(test)]
mod tests;
