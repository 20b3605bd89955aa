//! The work of a worker that is slow.

use std::cell::RefCell;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{identity, work::Work};
use crate::launch::{Misbehaviour, Slowness};

/// Longest time of one work: the longest that a request can ask for.
const LONGEST: Duration = Duration::from_secs(60);

impl Slowness {
    /// Returns how long work takes that would have taken this time. `drawn` is a number from 0 up to 1.
    fn stretch(self, usual: Duration, drawn: f64) -> Duration {
        let seconds = match self {
            Self::Times(times) => usual.as_secs_f64() * times,
            Self::Fixed(time) => time.as_secs_f64(),
            // By inversion.
            Self::Exponential(mean) => -mean.as_secs_f64() * (1.0 - drawn).ln(),
        };
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST);
        time.min(LONGEST)
    }
}

fn draw() -> f64 {
    thread_local! {
        static RANDOM: RefCell<Pcg64> =
            RefCell::new(Pcg64::seed_from_u64(identity::current() as u64));
    }
    RANDOM.with_borrow_mut(RngExt::random)
}

impl Work {
    /// Does the work of a worker with this fault, if it has one.
    pub(super) async fn perform_despite(self, fault: Option<Misbehaviour>) {
        match fault {
            Some(Misbehaviour::Slow(slowness)) => self.slowed(slowness).perform().await,
            _ => self.perform().await,
        }
    }

    /// Work that takes no time of its own is only slow if it has a new time, and its answer waits meanwhile. The
    /// pieces of a stream are not work.
    fn slowed(self, slowness: Slowness) -> Self {
        let stretch = |time| slowness.stretch(time, draw());
        match self {
            Self::Spin(time) => Self::Spin(stretch(time)),
            Self::Block(time) => Self::Block(stretch(time)),
            Self::Sleep(time) => Self::Sleep(stretch(time)),
            Self::Answer | Self::Total | Self::Bytes(_) | Self::Stream { .. } => {
                Self::Sleep(stretch(Duration::ZERO))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const NOTHING: Duration = Duration::ZERO;

    #[test]
    fn work_takes_so_many_times_as_long_or_a_new_time() {
        for (slowness, usual, drawn, expected) in [
            (Slowness::Times(12.0), MS, 0.0, 12 * MS),
            (Slowness::Times(12.0), NOTHING, 0.0, NOTHING),
            (Slowness::Times(1e300), MS, 0.0, LONGEST),
            (Slowness::Fixed(2 * MS), NOTHING, 0.5, 2 * MS),
            (Slowness::Exponential(MS), LONGEST, 0.0, NOTHING),
            // The median is the mean times the logarithm of two.
            (
                Slowness::Exponential(MS),
                NOTHING,
                0.5,
                MS.mul_f64(2.0_f64.ln()),
            ),
            (Slowness::Exponential(LONGEST), NOTHING, 0.999, LONGEST),
        ] {
            assert_eq!(slowness.stretch(usual, drawn), expected, "{slowness:?}");
        }
    }
}
