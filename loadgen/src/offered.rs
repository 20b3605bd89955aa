//! What became of the arrivals of an open loop.

use std::ops::AddAssign;
use std::time::Duration;

use crate::arrival::{Process, ScheduleCheck, check};
use crate::clock::Window;

/// A request that was sent later than this after it could have been is counted
/// as late: the paths of real clients vary by as much, and a wake-up on a host
/// with a little other work takes as long.
pub const LATE: Duration = Duration::from_millis(1);

/// What became of the arrivals that were due in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offered {
    /// How many were due. If the run was interrupted, how many were sent.
    pub arrivals: u64,
    /// How many were ordered per second; absent for a window of no length.
    pub ordered_rps: Option<f64>,
    /// Of the arrivals, those that were sent before the window closed.
    pub sent_in_window: u64,
    /// Those that found all connections busy.
    pub waited: u64,
    /// Those that were sent more than [`LATE`] after they were due and had a
    /// connection.
    pub late: u64,
    /// Whether they came as they were to come.
    pub schedule: ScheduleCheck,
}

/// What one thread, or several, did with the arrivals of the window.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sends {
    pub(crate) arrivals: u64,
    pub(crate) in_window: u64,
    pub(crate) waited: u64,
    pub(crate) late: u64,
}

impl Sends {
    /// Counts an arrival that is sent now. It could be sent since it was due
    /// and its place was free.
    pub(crate) fn count(&mut self, intended: u64, free_since: u64, now: u64, window: Window) {
        let lag = now.saturating_sub(intended.max(free_since));
        self.arrivals += 1;
        self.in_window += u64::from(now < window.end);
        self.waited += u64::from(free_since > intended);
        self.late += u64::from(u128::from(lag) > LATE.as_nanos());
    }

    /// Counts arrivals that never got a connection.
    pub(crate) fn count_unsent(&mut self, unsent: u64) {
        self.arrivals += unsent;
        self.waited += unsent;
    }
}

impl AddAssign for Sends {
    fn add_assign(&mut self, other: Self) {
        self.arrivals += other.arrivals;
        self.in_window += other.in_window;
        self.waited += other.waited;
        self.late += other.late;
    }
}

impl Offered {
    /// From the sends of all threads, and the first arrivals of each.
    pub(crate) fn new(
        sends: Sends,
        samples: &[Vec<u64>],
        process: &dyn Process,
        window: Window,
        interrupted: bool,
    ) -> Self {
        let seconds = window.length().as_secs_f64();
        let count = (!interrupted).then_some(sends.arrivals);
        Self {
            arrivals: sends.arrivals,
            ordered_rps: (seconds > 0.0).then(|| process.ordered_in(window) / seconds),
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
    fn a_send_is_late_by_the_generators_fault_alone() {
        let window = Window {
            begin: 0,
            end: 10_000_000,
        };
        // In microseconds: intended, free since, sent; then in window, waited, late.
        for (intended, free_since, now, expected) in [
            (100, 0, 100, (1, 0, 0)),
            (100, 0, 1_100, (1, 0, 0)),
            (100, 0, 1_101, (1, 0, 1)),
            (100, 5_000, 5_000, (1, 1, 0)),
            (100, 5_000, 6_001, (1, 1, 1)),
            (100, 10_000, 10_000, (0, 1, 0)),
        ] {
            let mut sends = Sends::default();
            sends.count(intended * 1_000, free_since * 1_000, now * 1_000, window);
            let Sends {
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
