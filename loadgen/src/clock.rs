//! Time as the load threads count it: in nanoseconds since the load began.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// The clock of one run; the same for all its threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    /// Returns a clock that shows zero until `lead` has passed.
    pub(crate) fn starting_in(lead: Duration) -> Self {
        Self {
            epoch: Instant::now() + lead,
        }
    }

    /// Returns the moment at which the clock shows `at` nanoseconds.
    pub(crate) fn instant(&self, at: u64) -> Instant {
        self.epoch + Duration::from_nanos(at)
    }

    pub(crate) fn now(&self) -> u64 {
        nanos(Instant::now().saturating_duration_since(self.epoch))
    }
}

/// A duration in nanoseconds; 64 bits hold 584 years of them.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// CPU time that the calling thread has used.
pub(crate) fn thread_cpu() -> Duration {
    // Every Linux has this clock.
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// The measured time, from `begin` until before `end`, in nanoseconds since the load began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) begin: u64,
    pub(crate) end: u64,
}

impl Window {
    pub(crate) fn length(self) -> Duration {
        Duration::from_nanos(self.end - self.begin)
    }

    pub(crate) fn contains(self, at: u64) -> bool {
        self.begin <= at && at < self.end
    }
}
