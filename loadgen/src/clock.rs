//! Time, as the load threads count it.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since the load began; the same for all threads of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    epoch: Instant,
}

impl Clock {
    /// A clock that stands at zero until `lead` has passed.
    pub(crate) fn starting_in(lead: Duration) -> Self {
        Self {
            epoch: Instant::now() + lead,
        }
    }

    /// When it is so many nanoseconds.
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
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time that is recorded: from `begin` on, until before `end`, in
/// nanoseconds since the load began.
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
