//! When requests are sent.

use std::time::Duration;

use super::{MAX_ARRIVALS, MAX_RATE_RPS, SpecError, Trace};

/// When requests are sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// The closed loop: a connection sends its next request when it has its answer. It measures
    /// capacity: the load slows down with the server.
    Closed,
    /// The open loop: requests arrive on a schedule, whatever the server does, and their response
    /// times count from that schedule.
    Open {
        /// Mean requests per second, over all threads; for a ramp, the first rate.
        rate_rps: f64,
        /// The arrival process.
        arrivals: Arrivals,
    },
    /// The open loop at the times of a trace, which begins with the load.
    Trace(Trace),
}

/// The arrival process of an open loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Evenly spaced.
    Constant,
    /// Independent exponential gaps, as of many unrelated clients.
    Poisson,
    /// On and off in turn, on at first: evenly spaced while on, none while off. The rate while on is
    /// high enough to keep the mean.
    Burst {
        /// Length of the time with requests.
        on: Duration,
        /// Length of the time without.
        off: Duration,
    },
    /// The rate changes evenly over the window; during the warm-up it has its first value.
    Ramp {
        /// Requests per second when the window closes.
        to_rps: f64,
    },
}

/// What happens to an arrival of the open loop that finds all connections busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// It waits for a connection, and its wait is part of its response time.
    Wait,
    /// It opens another connection, which is kept as long as the server keeps it.
    Open {
        /// Most connections at a time; beyond them, arrivals wait.
        most: usize,
    },
}

impl Offer {
    /// Whether requests arrive on a schedule.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Checks the rate and the arrival process over a run of this length (`Duration::MAX` if
    /// requests end it).
    pub(super) fn validate(&self, warmup: Duration, window: Duration) -> Result<(), SpecError> {
        let Self::Open { rate_rps, arrivals } = self else {
            return Ok(());
        };
        let rate_rps = *rate_rps;
        let last_rps = match arrivals {
            Arrivals::Ramp { to_rps } => *to_rps,
            Arrivals::Constant | Arrivals::Poisson | Arrivals::Burst { .. } => rate_rps,
        };
        let most_rps = rate_rps.max(last_rps);
        for rps in [rate_rps, last_rps] {
            // A ramp may begin or end at zero.
            let usable = rps.is_finite() && rps >= 0.0 && most_rps > 0.0;
            SpecError::Rate(rps).unless(usable)?;
        }
        SpecError::RateTooHigh(most_rps).unless(most_rps <= MAX_RATE_RPS)?;
        let endless = window == Duration::MAX;
        match arrivals {
            Arrivals::Burst { on, .. } => SpecError::EmptyBurst.unless(!on.is_zero())?,
            Arrivals::Ramp { .. } => SpecError::EndlessRamp.unless(!endless)?,
            Arrivals::Constant | Arrivals::Poisson => {}
        }
        let arrivals = (warmup.as_secs_f64() + window.as_secs_f64()) * most_rps;
        SpecError::TooManyArrivals(arrivals).unless(endless || arrivals <= MAX_ARRIVALS)
    }
}
