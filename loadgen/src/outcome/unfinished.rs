//! Requests that still waited for their answer when the window closed.

use std::time::Duration;

use crate::clock::nanos;

/// Requests without an answer when the window closed. A closed loop leaves as many as it had in flight,
/// most of them just sent. An open loop waits for its answers and leaves none, unless it
/// is interrupted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Unfinished {
    /// Number of them, also of those whose answer came just after the window.
    pub requests: u64,
    /// Number of those that had waited for longer than any answer took: the server may never have
    /// answered them.
    pub overdue: u64,
    /// How long the one that waited longest had waited.
    pub longest: Duration,
    /// Share of what the closed loop could have in flight during the window that overdue requests
    /// held up, from 0 to 1.
    pub held_share: f64,
}

impl Unfinished {
    /// From the times that each had waited, in nanoseconds, and the number of those that ended just
    /// after the window. No answer took longer than `longest_answer` nanoseconds, and at most
    /// `most_in_flight` requests waited at a time in a window of this length.
    pub(crate) fn new(
        waits: &[u64],
        ended_after: u64,
        longest_answer: u64,
        window: Duration,
        most_in_flight: usize,
    ) -> Self {
        let overdue = || waits.iter().filter(|wait| **wait > longest_answer);
        let held: f64 = overdue().map(|wait| in_seconds(*wait, window)).sum();
        let available = window.as_secs_f64() * most_in_flight as f64;
        Self {
            requests: waits.len() as u64 + ended_after,
            overdue: overdue().count() as u64,
            longest: Duration::from_nanos(waits.iter().copied().max().unwrap_or(0)),
            held_share: if available > 0.0 {
                held / available
            } else {
                0.0
            },
        }
    }
}

/// The part of a wait that lies in a window of this length, which it ends with.
fn in_seconds(wait: u64, window: Duration) -> f64 {
    Duration::from_nanos(wait.min(nanos(window))).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_request_is_overdue_if_it_has_waited_for_longer_than_any_answer_took() {
        let waits = [5, 10, 11, 500_000_000];
        let unfinished = Unfinished::new(&waits, 3, 10, SECOND, 4);
        assert_eq!((unfinished.requests, unfinished.overdue), (7, 2));
        assert_eq!(unfinished.longest, SECOND / 2);
        assert!((unfinished.held_share - 0.125).abs() < 1e-6);
    }

    #[test]
    fn a_request_from_before_the_window_holds_up_no_more_than_the_window() {
        let unfinished = Unfinished::new(&[u64::MAX], 0, 10, SECOND, 1);
        assert!((unfinished.held_share - 1.0).abs() < 1e-9);
    }
}
