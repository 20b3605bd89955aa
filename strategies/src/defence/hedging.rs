//! Hedging: a request that takes long is sent to a second worker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::allowance::{Allowance, Budget};
use crate::share::Share;

/// Sends a request to a second worker if the first one has not begun to answer after most requests have been
/// answered. The first answer counts, and the other try is cancelled: its connection is closed. Only for requests
/// that may be [sent again](super::Retries). It is the hedged request of Dean and Barroso, "The tail at scale"
/// (CACM 56(2), 2013), and Finagle's `BackupRequestFilter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hedging {
    /// The share of the requests that are answered before a second one is sent: 0.95 for the 95th percentile.
    pub after: Share,
    /// How many second tries all requests may have.
    pub budget: Budget,
}

impl Hedging {
    /// "The tail at scale" waits for the 95th percentile, which limits the extra load to about 5%.
    pub const DEFAULT_BUDGET: f64 = 0.05;
}

/// Number of latencies that are remembered, and after how many the percentile is taken anew. A percentile of 99
/// then rests on ten values.
const REMEMBERED: usize = 1000;
const RENEWED_AFTER: usize = 100;

/// What a dispatcher remembers for its hedges.
#[derive(Debug)]
pub(crate) struct HedgeState {
    after: Share,
    allowance: Allowance,
    /// The last latencies; a newer one takes the place of the oldest.
    latencies: Vec<Duration>,
    next: usize,
    /// Where the percentile is sought.
    sorted: Vec<Duration>,
    percentile: Option<Duration>,
}

impl HedgeState {
    pub(crate) fn new(hedging: Hedging) -> Self {
        Self {
            after: hedging.after,
            allowance: Allowance::new(hedging.budget),
            latencies: Vec::with_capacity(REMEMBERED),
            next: 0,
            sorted: Vec::with_capacity(REMEMBERED),
            percentile: None,
        }
    }

    /// Counts a request that has arrived.
    pub(crate) fn request(&mut self, now: Duration) {
        self.allowance.request(now);
    }

    /// Takes the time in which a worker has begun to answer.
    pub(crate) fn answered(&mut self, latency: Duration) {
        match self.latencies.get_mut(self.next) {
            Some(oldest) => *oldest = latency,
            None => self.latencies.push(latency),
        }
        self.next = (self.next + 1) % REMEMBERED;
        if self.next.is_multiple_of(RENEWED_AFTER) {
            self.renew();
        }
    }

    /// Returns after which time a request has a second try. `None` as long as too few latencies are known.
    pub(crate) fn after(&self) -> Option<Duration> {
        self.percentile
    }

    /// Counts a second try, if the budget allows it.
    pub(crate) fn spend(&mut self, now: Duration) -> bool {
        self.allowance.spend(now)
    }

    fn renew(&mut self) {
        self.sorted.clear();
        self.sorted.extend_from_slice(&self.latencies);
        let below = self.after.of(self.sorted.len() as u64) as usize;
        let position = below.min(self.sorted.len() - 1);
        self.percentile = Some(*self.sorted.select_nth_unstable(position).1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state(after: f64) -> HedgeState {
        let share = |share| Share::new(share).expect("a share");
        HedgeState::new(Hedging {
            after: share(after),
            budget: Budget {
                share: share(0.05),
                per_second: 0,
            },
        })
    }

    #[test]
    fn without_enough_latencies_no_request_has_a_second_try() {
        let mut state = state(0.95);
        for number in 0..RENEWED_AFTER {
            assert_eq!(state.after(), None, "after {number}");
            state.answered(Duration::from_millis(1));
        }
        assert_eq!(state.after(), Some(Duration::from_millis(1)));
    }

    #[test]
    fn old_latencies_are_forgotten() {
        let mut state = state(0.95);
        for millis in [5, 1] {
            for _ in 0..REMEMBERED {
                state.answered(Duration::from_millis(millis));
            }
        }
        assert_eq!(state.after(), Some(Duration::from_millis(1)));
    }

    proptest! {
        #[test]
        fn about_the_share_of_the_requests_is_answered_before(
            latencies in prop::collection::vec(0..1000_u64, RENEWED_AFTER..=RENEWED_AFTER),
            thousandths in 1..=999_u64,
        ) {
            let mut state = state(thousandths as f64 / 1000.0);
            for latency in &latencies {
                state.answered(Duration::from_micros(*latency));
            }
            let after = state.after().expect("enough").as_micros() as u64;
            let before = latencies.iter().filter(|it| **it < after).count() as u64;
            let up_to = latencies.iter().filter(|it| **it <= after).count() as u64;
            let rank = thousandths * RENEWED_AFTER as u64 / 1000;
            prop_assert!(before <= rank && rank < up_to, "{before} to {up_to}, not {rank}");
        }
    }
}
