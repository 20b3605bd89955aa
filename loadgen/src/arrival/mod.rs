//! When requests of the open loop are due, what each request costs, and where it comes from.
//!
//! Arrival times are a pure function of the offer, the seed and the number of the arrival. All
//! threads share one sequence of arrivals and take turns: the sequence does not depend on the number
//! of threads, the threads are out of phase, and each of them follows the same shape.

mod burst;
mod check;
mod constant;
mod end;
mod poisson;
mod predict;
mod process;
mod ramp;
mod replay;
mod schedule;
mod source_addresses;
#[cfg(test)]
mod tests;
mod work_sequence;

pub use check::{Deviation, ScheduleCheck};
pub(crate) use check::{SAMPLE, check};
pub(crate) use end::RunEnd;
pub use predict::{PredictedRequest, predict};
use process::NANOS_PER_SECOND;
pub(crate) use process::Process;
pub(crate) use schedule::Schedule;
pub(crate) use source_addresses::SourceAddresses;
pub(crate) use work_sequence::{Draw, WorkSequence};

use crate::clock::nanos;
use crate::spec::{Arrivals, LoadSpec, Offer};

/// Returns the arrival process that is requested; `None` in the closed loop.
pub(crate) fn process(spec: &LoadSpec) -> Option<Box<dyn Process>> {
    let (rate_rps, arrivals) = match &spec.offer {
        Offer::Closed => return None,
        Offer::Trace(trace) => return Some(Box::new(trace.clone())),
        Offer::Open { rate_rps, arrivals } => (*rate_rps, *arrivals),
    };
    Some(match arrivals {
        Arrivals::Constant => Box::new(constant::Constant {
            gap_ns: NANOS_PER_SECOND / rate_rps,
        }),
        Arrivals::Poisson => Box::new(poisson::Poisson::new(rate_rps, spec.seed)),
        Arrivals::Burst { on, off } => Box::new(burst::Burst::new(rate_rps, nanos(on), nanos(off))),
        Arrivals::Ramp { to_rps } => {
            let (begin, length) = (nanos(spec.warmup), nanos(spec.duration));
            Box::new(ramp::Ramp::new(rate_rps, to_rps, begin, length))
        }
    })
}
