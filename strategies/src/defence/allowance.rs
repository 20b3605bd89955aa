//! Budgets of extra tries.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::share::Share;

/// How many tries a dispatcher may send besides the first one of each request: a share of the requests, and a number
/// per second besides, so that few requests have some, too. Both are counted over 10 seconds.
///
/// Without a budget, retries multiply the load just when workers are ill. It is that of Finagle's `RetryBudget`, and
/// similar to Envoy's `retry_budget`, which counts active requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The share of the requests.
    pub share: Share,
    /// The number per second.
    pub per_second: u32,
}

/// Over how many seconds requests and extra tries are counted: the default of Finagle's `RetryBudget`.
const SECONDS: u64 = 10;

/// What is left of a [`Budget`].
#[derive(Debug)]
pub(crate) struct Allowance {
    budget: Budget,
    /// Second `n` is at `n % SECONDS`, until a later one takes its place.
    seconds: [Second; SECONDS as usize],
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    requests: u64,
    extra: u64,
}

impl Allowance {
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            budget,
            seconds: [Second::default(); SECONDS as usize],
        }
    }

    /// Counts a request.
    pub(crate) fn request(&mut self, now: Duration) {
        self.second(now).requests += 1;
    }

    /// Counts an extra try, if there is one left.
    pub(crate) fn spend(&mut self, now: Duration) -> bool {
        let is_left = self.left(now.as_secs()) > 0;
        if is_left {
            self.second(now).extra += 1;
        }
        is_left
    }

    /// Returns how many extra tries are left.
    fn left(&self, now: u64) -> u64 {
        let counted = self.seconds.iter().filter(|it| it.number + SECONDS > now);
        let sums = counted.fold((0, 0), |(requests, extra), it| {
            (requests + it.requests, extra + it.extra)
        });
        let (requests, extra) = sums;
        let besides = u64::from(self.budget.per_second) * SECONDS;
        (self.budget.share.of(requests) + besides).saturating_sub(extra)
    }

    fn second(&mut self, now: Duration) -> &mut Second {
        let number = now.as_secs();
        let second = &mut self.seconds[(number % SECONDS) as usize];
        if second.number != number {
            *second = Second {
                number,
                ..Second::default()
            };
        }
        second
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowance(share: f64, per_second: u32) -> Allowance {
        Allowance::new(Budget {
            share: Share::new(share).expect("a share"),
            per_second,
        })
    }

    fn at(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn few_requests_have_the_number_per_second() {
        let mut allowance = allowance(0.2, 1);
        let spent = (0..20).filter(|_| allowance.spend(at(0))).count();
        assert_eq!(spent, 10, "that of ten seconds");
        assert!(!allowance.spend(at(9)));
        assert!(
            allowance.spend(at(10)),
            "what was spent 10 s ago is forgotten"
        );
    }

    #[test]
    fn requests_are_forgotten_after_ten_seconds() {
        let mut allowance = allowance(0.5, 0);
        for _ in 0..4 {
            allowance.request(at(0));
        }
        assert!(allowance.spend(at(9)));
        assert!(!allowance.spend(at(10)));
    }

    proptest! {
        #[test]
        fn extra_tries_of_ten_seconds_keep_to_the_budget(
            thousandths in 1..=1000_u32,
            per_second in 0..3_u32,
            steps in prop::collection::vec((0..3_u64, 0..20_u64, 0..20_u64), 1..60),
        ) {
            let share = f64::from(thousandths) / 1000.0;
            let mut allowance = allowance(share, per_second);
            let (mut now, mut history) = (0, Vec::new());
            for (later, requests, wanted) in steps {
                now += later;
                for _ in 0..requests {
                    allowance.request(at(now));
                }
                let extra = (0..wanted).filter(|_| allowance.spend(at(now))).count() as u64;
                history.push((now, requests, extra));
                let recent = history.iter().filter(|(then, ..)| then + SECONDS > now);
                let (requests, extra) = recent.fold((0, 0), |sum, it| (sum.0 + it.1, sum.1 + it.2));
                let most = requests * u64::from(thousandths) / 1000 + u64::from(per_second) * SECONDS;
                // What was spent when more requests were remembered may exceed the share of those that still are.
                let was_spent_now = history.last().is_some_and(|(_, _, extra)| *extra > 0);
                prop_assert!(!was_spent_now || extra <= most, "{extra} of {most}");
            }
        }
    }
}
