//! The account of one thread: which of its requests belong to the window, and which of them are neither
//! answered nor failed in it.

use crate::clock::Window;
use crate::connection::Ended;
use crate::outcome::{ErrorClass, Loss, Losses, signed_nanos};

/// What the account needs besides the counts of answers and failures.
pub(super) struct Ledger {
    is_open_loop: bool,
    /// Whether a request belongs to the window if its intended time does: in the open loop, and with a
    /// number of requests. Otherwise it does if it ends in the window, or is in flight when that closes.
    counts_by_intent: bool,
    /// Requests of the window that are sent and have not ended, if they are counted by intended time.
    pub(super) outstanding: u64,
    /// Requests that do not belong to the window.
    outside: u64,
    /// Requests that stand for failed connects, since none of them would ever begin.
    in_vain: u64,
    /// Requests that were in flight when the window closed, and ended just after.
    pub(super) ended_after: u64,
    /// How long each request had waited that was in flight when the window closed and has not ended, in
    /// nanoseconds.
    pub(super) waits: Vec<u64>,
    pub(super) losses: Losses,
}

/// Where the end of a request lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// In the window: it is answered or failed.
    Inside,
    /// After the window that it belongs to: it was in flight when that closed.
    After,
    /// The request does not belong to the window.
    Outside,
}

impl Ledger {
    pub(super) fn new(is_open_loop: bool, has_budget: bool) -> Self {
        Self {
            is_open_loop,
            counts_by_intent: is_open_loop || has_budget,
            outstanding: 0,
            outside: 0,
            in_vain: 0,
            ended_after: 0,
            waits: Vec::new(),
            losses: Losses::default(),
        }
    }

    /// A request has begun. Returns whether it belongs to the window by its intended time.
    pub(super) fn begin(&mut self, intended: u64, window: Window) -> bool {
        let belongs = self.counts_by_intent && window.contains(intended);
        self.outstanding += u64::from(belongs);
        belongs
    }

    /// A request has ended now.
    pub(super) fn end(&mut self, intended: u64, now: u64, window: Window) -> End {
        let is_inside = if self.counts_by_intent {
            let belongs = window.contains(intended);
            self.outstanding -= u64::from(belongs);
            // The closed loop does not wait for answers after its window.
            belongs && (self.is_open_loop || now < window.end)
        } else {
            window.contains(now)
        };
        if is_inside {
            End::Inside
        } else if now >= window.end && self.is_cut_off(intended, window) {
            self.ended_after += 1;
            End::After
        } else {
            self.outside += 1;
            End::Outside
        }
    }

    /// A request is still in flight at the end of the run. Returns whether it belongs to the window.
    pub(super) fn leave(&mut self, intended: u64, window: Window) -> bool {
        let is_cut_off = self.is_cut_off(intended, window);
        if is_cut_off {
            self.waits.push(window.end - intended);
        }
        self.outside += u64::from(!is_cut_off);
        is_cut_off
    }

    /// Whether a request that was in flight when the window closed belongs to it.
    fn is_cut_off(&self, intended: u64, window: Window) -> bool {
        let from = if self.counts_by_intent {
            window.begin
        } else {
            0
        };
        window.begin < window.end && (from..window.end).contains(&intended)
    }

    /// Logs a request that has failed in the window now.
    pub(super) fn log(&mut self, ended: &Ended, worker: Option<u32>, now: u64) {
        self.losses.push(Loss {
            at_ns: signed_nanos(now),
            sent_ns: signed_nanos(ended.sent),
            class: ended.class,
            worker,
            is_on_kept: ended.is_on_kept,
        });
    }

    /// Logs a request that has failed without having begun, since the connection that it would use has
    /// failed now.
    pub(super) fn log_in_vain(&mut self, class: ErrorClass, now: u64) {
        self.in_vain += 1;
        self.losses.push(Loss {
            at_ns: signed_nanos(now),
            sent_ns: signed_nanos(now),
            class,
            worker: None,
            is_on_kept: false,
        });
    }

    /// Number of requests in the window, of those that have begun and those that were never sent.
    pub(super) fn in_window(&self, begun: u64, unsent: u64) -> u64 {
        begun + self.in_vain + unsent - self.outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        begin: 100,
        end: 200,
    };

    fn timed() -> Ledger {
        Ledger::new(false, false)
    }

    #[test]
    fn a_closed_loop_counts_what_ends_in_its_window_or_is_cut_off_by_its_end() {
        for (intended, now, expected) in [
            (50, 99, End::Outside),
            (50, 100, End::Inside),
            (150, 199, End::Inside),
            (50, 200, End::After),
            (199, 200, End::After),
            (200, 201, End::Outside),
        ] {
            assert_eq!(
                timed().end(intended, now, WINDOW),
                expected,
                "{intended} {now}"
            );
        }
    }

    #[test]
    fn a_number_of_requests_counts_what_begins_in_the_window() {
        for (intended, now, expected) in [
            (50, 150, End::Outside),
            (50, 250, End::Outside),
            (100, 150, End::Inside),
            (100, 200, End::After),
        ] {
            let mut ledger = Ledger::new(false, true);
            ledger.begin(intended, WINDOW);
            assert_eq!(
                ledger.end(intended, now, WINDOW),
                expected,
                "{intended} {now}"
            );
            assert_eq!(ledger.outstanding, 0);
        }
    }

    #[test]
    fn an_open_loop_counts_what_is_due_in_the_window_whenever_it_ends() {
        for (intended, expected) in [
            (99, End::Outside),
            (100, End::Inside),
            (199, End::Inside),
            (200, End::Outside),
        ] {
            let mut ledger = Ledger::new(true, false);
            ledger.begin(intended, WINDOW);
            assert_eq!(ledger.end(intended, 900, WINDOW), expected, "{intended}");
        }
    }

    #[test]
    fn what_is_never_answered_is_in_the_window_it_was_sent_in() {
        let mut ledger = timed();
        assert!(ledger.leave(50, WINDOW));
        assert!(ledger.leave(199, WINDOW));
        assert!(!ledger.leave(200, WINDOW));
        assert_eq!(ledger.waits, [150, 1]);
        assert_eq!(ledger.in_window(3, 0), 2);
    }

    #[test]
    fn nothing_belongs_to_a_window_that_never_opened() {
        let mut ledger = timed();
        let never = Window {
            begin: 100,
            end: 50,
        };
        assert!(!ledger.leave(20, never));
        assert_eq!(ledger.end(20, 60, never), End::Outside);
        assert_eq!(ledger.in_window(2, 0), 0);
    }
}
