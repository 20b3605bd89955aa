//! Time as the load threads count it: in nanoseconds since the load began.

use std::fs;
use std::iter::Sum;
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

/// How a thread has spent its time, as far as it did not sleep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CpuUse {
    /// CPU time that it has used.
    pub(crate) used: Duration,
    /// Time for which it was ready to run while other threads had its CPU; zero where the kernel does not
    /// count it.
    pub(crate) waited: Duration,
}

impl CpuUse {
    /// Returns that of the calling thread.
    pub(crate) fn of_thread() -> Self {
        // Every Linux has this clock.
        let used = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
        // The second number is time on a run queue (proc_pid_schedstat(5)).
        let counted = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let waited = counted.split_whitespace().nth(1);
        let waited = waited.and_then(|waited| waited.parse().ok());
        Self {
            used: used.map_or(Duration::ZERO, Duration::from),
            waited: Duration::from_nanos(waited.unwrap_or(0)),
        }
    }

    /// Returns what was added since an earlier moment.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            used: self.used.saturating_sub(earlier.used),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }
}

impl Sum for CpuUse {
    fn sum<I: Iterator<Item = Self>>(uses: I) -> Self {
        uses.fold(Self::default(), |sum, each| Self {
            used: sum.used + each.used,
            waited: sum.waited + each.waited,
        })
    }
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
