//! Retries.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::allowance::{Allowance, Budget};

/// Sends a request once more, to another worker, if the worker closed its connection without an answer, was later
/// than its [timeout](super::TryTimeout), or answered with a status from 500 to 599. Only if that cannot have an
/// effect twice: the method is idempotent (RFC 9110 §9.2.2), the request has no body, and no byte of an answer was
/// sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries {
    /// Maximum number of retries of a request.
    pub most: NonZeroU32,
    /// How many retries all requests may have.
    pub budget: Budget,
}

impl Retries {
    /// The defaults of Finagle's `RetryBudget`: a fifth of the requests, and 10 per second besides.
    pub const DEFAULT_SHARE: f64 = 0.2;
    /// See [`DEFAULT_SHARE`](Self::DEFAULT_SHARE).
    pub const DEFAULT_PER_SECOND: u32 = 10;
}

/// Whether an answer with this status has failed.
pub(crate) const fn is_failure(status: u16) -> bool {
    matches!(status, 500..=599)
}

/// What a dispatcher remembers of its retries.
#[derive(Debug)]
pub(crate) struct RetryState {
    retries: Retries,
    allowance: Allowance,
}

/// Whether a request may be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    Yes,
    /// It has had all its retries.
    NoMore,
    /// The budget of all requests is used up.
    OverBudget,
}

impl RetryState {
    pub(crate) fn new(retries: Retries) -> Self {
        Self {
            retries,
            allowance: Allowance::new(retries.budget),
        }
    }

    /// Counts a request that has arrived.
    pub(crate) fn request(&mut self, now: Duration) {
        self.allowance.request(now);
    }

    /// Decides whether a request that has had a number of retries has another one.
    pub(crate) fn decide(&mut self, had: u32, now: Duration) -> Retry {
        if had >= self.retries.most.get() {
            Retry::NoMore
        } else if self.allowance.spend(now) {
            Retry::Yes
        } else {
            Retry::OverBudget
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::Share;

    fn state(most: u32, share: f64, per_second: u32) -> RetryState {
        RetryState::new(Retries {
            most: NonZeroU32::new(most).expect("a number"),
            budget: Budget {
                share: Share::new(share).expect("a share"),
                per_second,
            },
        })
    }

    #[test]
    fn a_request_has_at_most_its_number_of_retries() {
        let mut state = state(2, 1.0, 100);
        for (had, retry) in [(0, Retry::Yes), (1, Retry::Yes), (2, Retry::NoMore)] {
            assert_eq!(state.decide(had, Duration::ZERO), retry, "after {had}");
        }
    }

    #[test]
    fn retries_of_all_requests_have_a_budget() {
        let mut state = state(1, 0.5, 0);
        for _ in 0..4 {
            state.request(Duration::ZERO);
        }
        let decisions = [(); 3].map(|()| state.decide(0, Duration::ZERO));
        assert_eq!(decisions, [Retry::Yes, Retry::Yes, Retry::OverBudget]);
    }

    #[test]
    fn answers_from_500_to_599_have_failed() {
        for (status, failed) in [
            (200, false),
            (404, false),
            (499, false),
            (500, true),
            (503, true),
            (599, true),
        ] {
            assert_eq!(is_failure(status), failed, "{status}");
        }
    }
}
