//! What became of the arrivals of an open loop.

use std::ops::AddAssign;
use std::time::Duration;

use crate::arrival::{Process, ScheduleCheck, check};
use crate::clock::Window;

/// A request with a larger lag is counted as late. The paths of real clients vary by as much, and a
/// wake-up on a host with a little other work takes as long.
pub const LATE_AFTER: Duration = Duration::from_millis(1);

/// What became of the arrivals that were due in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offered {
    /// Number of arrivals that were due; if the run was interrupted, number of those sent.
    pub arrivals: u64,
    /// Requested arrivals per second; `None` for a window of no length.
    pub offered_rps: Option<f64>,
    /// Number of them that were sent before the window closed.
    pub sent_in_window: u64,
    /// Number of them that found all connections busy.
    pub waited: u64,
    /// Number of them that were sent more than [`LATE_AFTER`] after they were due and had a connection.
    pub late: u64,
    /// Whether the arrivals follow the requested process.
    pub schedule: ScheduleCheck,
}

/// Counts of the arrivals of the window, of one thread or several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SendCounts {
    pub(crate) arrivals: u64,
    pub(crate) in_window: u64,
    pub(crate) waited: u64,
    pub(crate) late: u64,
}

impl SendCounts {
    /// Counts an arrival that is sent now, and that could have been sent since it was due and a place was
    /// free. The window closes at `end`. Returns its lag in nanoseconds.
    pub(crate) fn count(&mut self, intended: u64, free_since: u64, now: u64, end: u64) -> u64 {
        let lag = now.saturating_sub(intended.max(free_since));
        self.arrivals += 1;
        self.in_window += u64::from(now < end);
        self.waited += u64::from(free_since > intended);
        self.late += u64::from(u128::from(lag) > LATE_AFTER.as_nanos());
        lag
    }

    /// Counts arrivals that never got a connection.
    pub(crate) fn count_unsent(&mut self, unsent: u64) {
        self.arrivals += unsent;
        self.waited += unsent;
    }
}

impl AddAssign for SendCounts {
    fn add_assign(&mut self, other: Self) {
        self.arrivals += other.arrivals;
        self.in_window += other.in_window;
        self.waited += other.waited;
        self.late += other.late;
    }
}

impl Offered {
    /// Computed from the counts of all threads, and the first arrivals of each.
    pub(crate) fn new(
        sends: SendCounts,
        samples: &[Vec<u64>],
        process: &dyn Process,
        window: Window,
        interrupted: bool,
    ) -> Self {
        let seconds = window.length().as_secs_f64();
        let count = (!interrupted).then_some(sends.arrivals);
        Self {
            arrivals: sends.arrivals,
            offered_rps: (seconds > 0.0).then(|| process.expected_in(window) / seconds),
            sent_in_window: sends.in_window,
            waited: sends.waited,
            late: sends.late,
            schedule: check(process, samples, window, count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lag_of_the_generator_makes_a_request_late() {
        let end = 10_000_000;
        // In microseconds: intended, free since, sent; then in window, waited, late.
        for (intended, free_since, now, expected) in [
            (100, 0, 100, (1, 0, 0)),
            (100, 0, 1_100, (1, 0, 0)),
            (100, 0, 1_101, (1, 0, 1)),
            (100, 5_000, 5_000, (1, 1, 0)),
            (100, 5_000, 6_001, (1, 1, 1)),
            (100, 10_000, 10_000, (0, 1, 0)),
        ] {
            let mut sends = SendCounts::default();
            sends.count(intended * 1_000, free_since * 1_000, now * 1_000, end);
            let SendCounts {
                arrivals,
                in_window,
                waited,
                late,
            } = sends;
            assert_eq!(arrivals, 1);
            assert_eq!(
                (in_window, waited, late),
                expected,
                "{intended} {free_since} {now}"
            );
        }
    }
}
