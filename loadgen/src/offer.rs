//! When requests are offered, as it is asked for.

use std::time::Duration;

use crate::spec::SpecError;
use crate::trace::Trace;

/// Rates above this are a typing error: one request every ten nanoseconds is
/// more than any loopback carries.
pub const MOST_RATE_RPS: f64 = 1e8;

/// More arrivals than this are not offered in one run. At a million per second
/// they last for more than an hour, and counting those that a server has left
/// over still takes less than a minute.
pub const MOST_ARRIVALS: f64 = 4e9;

/// When requests are offered.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// A request follows as soon as the last one on its connection is answered.
    /// Measures capacity: the load slows down with the server.
    Closed,
    /// Requests arrive on their own schedule, whatever the server does, and
    /// are timed from that schedule.
    Open {
        /// Requests per second, over all threads and in the mean; of a ramp,
        /// those it begins with.
        rate_rps: f64,
        /// How the arrivals are spaced.
        arrivals: Arrivals,
    },
    /// An open loop, too: requests are due at the times of a trace, which
    /// begins with the load.
    Trace(Trace),
}

/// The process by which open-loop requests arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Evenly spaced.
    Constant,
    /// Independent exponential gaps, as of many unrelated clients.
    Poisson,
    /// Evenly spaced while on, none while off, in turn, and on at first. The
    /// rate while on is higher by what keeps the mean.
    Burst {
        /// How long requests arrive.
        on: Duration,
        /// How long none do.
        off: Duration,
    },
    /// The rate grows or shrinks evenly over the window, and keeps its first
    /// value before.
    Ramp {
        /// Requests per second when the window closes.
        to_rps: f64,
    },
}

/// What becomes of an open-loop arrival that finds all connections busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// It waits for one, and the wait counts as response time.
    Wait,
    /// It opens another one, which is then kept as long as the server keeps it.
    Open {
        /// As long as there are fewer connections than this; else it waits.
        most: usize,
    },
}

impl Offer {
    /// Whether requests come on a schedule of their own.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Checks the rate and the spacing over a run of this length
    /// (`Duration::MAX` if requests end it).
    pub(crate) fn validate(&self, warmup: Duration, window: Duration) -> Result<(), SpecError> {
        let Self::Open { rate_rps, arrivals } = self else {
            return Ok(());
        };
        let rate_rps = *rate_rps;
        let (least, most_rps) = match arrivals {
            Arrivals::Ramp { to_rps } => (to_rps.min(rate_rps), to_rps.max(rate_rps)),
            Arrivals::Constant | Arrivals::Poisson | Arrivals::Burst { .. } => (rate_rps, rate_rps),
        };
        // A ramp may begin or end at zero.
        let usable = most_rps.is_finite() && most_rps > 0.0 && least >= 0.0;
        if !usable || rate_rps.is_nan() {
            return Err(SpecError::Rate(rate_rps));
        }
        if most_rps > MOST_RATE_RPS {
            return Err(SpecError::RateTooHigh(most_rps));
        }
        arrivals.validate(window)?;
        let endless = window == Duration::MAX;
        let arrivals = (warmup.as_secs_f64() + window.as_secs_f64()) * most_rps;
        if !endless && arrivals > MOST_ARRIVALS {
            return Err(SpecError::TooManyArrivals(arrivals));
        }
        Ok(())
    }
}

impl Arrivals {
    fn validate(&self, window: Duration) -> Result<(), SpecError> {
        match self {
            Self::Burst { on, .. } if on.is_zero() => Err(SpecError::EmptyBurst),
            Self::Ramp { .. } if window == Duration::MAX => Err(SpecError::EndlessRamp),
            _ => Ok(()),
        }
    }
}
