//! The search for the highest rate within a limit: a pure function of a closure that tries a rate.
//!
//! It doubles (or halves) the rate until a rate within the limit and one beyond it enclose the
//! capacity, and then bisects on a logarithmic scale. A single trial may fail by chance, so a rate
//! fails only if two of three trials do. During the doubling one trial within the limit is enough,
//! since the bisection corrects a step too far.

/// Result of trials at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RateResult {
    /// Within the limit.
    Kept,
    /// Beyond the limit.
    Broken,
}

/// Range of the capacity, requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CapacityRange {
    /// Highest rate within the limit; `None` if there is none.
    pub(super) kept: Option<f64>,
    /// Lowest higher rate beyond the limit; `None` if there is none.
    pub(super) broken: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// First rate, requests per second.
    pub(super) start_rps: f64,
    pub(super) lowest_rps: f64,
    pub(super) highest_rps: f64,
    /// Width of the final range, as a share of its lower end.
    pub(super) precision: f64,
    pub(super) most_trials: u32,
}

/// Majority of the three trials at a rate.
const MAJORITY: u32 = 2;

impl Search {
    /// Searches. If `trial` returns `None`, ends with the range so far.
    pub(super) fn run(self, trial: &mut dyn FnMut(f64) -> Option<RateResult>) -> CapacityRange {
        let mut range = CapacityRange {
            kept: None,
            broken: None,
        };
        let mut left = self.most_trials;
        while let Some(rate) = self.next(range) {
            // While the rate doubles or halves, one trial within the limit is enough.
            let is_bisection = range.kept.is_some() && range.broken.is_some();
            let enough = if is_bisection { MAJORITY } else { 1 };
            match decide(rate, enough, &mut left, trial) {
                Some(RateResult::Kept) => range.kept = Some(rate),
                Some(RateResult::Broken) => range.broken = Some(rate),
                None => break,
            }
        }
        range
    }

    /// Returns the rate to try next; `None` at the end.
    fn next(self, range: CapacityRange) -> Option<f64> {
        match (range.kept, range.broken) {
            (None, None) => Some(self.start_rps),
            (Some(kept), None) => {
                (kept < self.highest_rps).then(|| (kept * 2.0).min(self.highest_rps))
            }
            (None, Some(broken)) => {
                (broken > self.lowest_rps).then(|| (broken / 2.0).max(self.lowest_rps))
            }
            (Some(kept), Some(broken)) => {
                (broken / kept > 1.0 + self.precision).then(|| (kept * broken).sqrt())
            }
        }
    }
}

/// Tries a rate until `enough` trials are within the limit or the majority is beyond it.
fn decide(
    rate: f64,
    enough: u32,
    left: &mut u32,
    trial: &mut dyn FnMut(f64) -> Option<RateResult>,
) -> Option<RateResult> {
    let (mut kept, mut broken) = (0, 0);
    loop {
        *left = left.checked_sub(1)?;
        match trial(rate)? {
            RateResult::Kept => kept += 1,
            RateResult::Broken => broken += 1,
        }
        if kept == enough {
            return Some(RateResult::Kept);
        }
        if broken == MAJORITY {
            return Some(RateResult::Broken);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEARCH: Search = Search {
        start_rps: 1_000.0,
        lowest_rps: 1.0,
        highest_rps: 1e8,
        precision: 0.05,
        most_trials: 60,
    };

    fn server(capacity: f64) -> impl FnMut(f64) -> Option<RateResult> {
        move |rate| {
            Some(if rate <= capacity {
                RateResult::Kept
            } else {
                RateResult::Broken
            })
        }
    }

    #[test]
    fn the_rates_double_until_one_is_broken_and_then_close_in() {
        let mut tried = Vec::new();
        let mut server = server(3_000.0);
        let range = SEARCH.run(&mut |rate| {
            tried.push(rate.round());
            server(rate)
        });
        assert_eq!(tried[..5], [1_000.0, 2_000.0, 4_000.0, 4_000.0, 2_828.0]);
        let (kept, broken) = (range.kept.expect("some"), range.broken.expect("some"));
        assert!(
            kept <= 3_000.0 && 3_000.0 < broken && broken / kept <= 1.05,
            "{range:?}"
        );
    }

    #[test]
    fn one_failed_trial_does_not_end_the_doubling() {
        let mut server = server(50_000.0);
        let mut trials = 0;
        let range = SEARCH.run(&mut |rate| {
            trials += 1;
            if trials == 2 {
                Some(RateResult::Broken)
            } else {
                server(rate)
            }
        });
        assert!(range.kept > Some(45_000.0), "{range:?}");
    }

    #[test]
    fn every_rate_may_be_beyond_the_limit_or_within_it() {
        let none = SEARCH.run(&mut server(0.5));
        assert_eq!((none.kept, none.broken), (None, Some(1.0)));
        let all = SEARCH.run(&mut server(1e9));
        assert_eq!((all.kept, all.broken), (Some(1e8), None));
    }

    #[test]
    fn an_interrupt_keeps_the_range_so_far() {
        let mut server = server(3_000.0);
        let mut trials = 0;
        let range = SEARCH.run(&mut |rate| {
            trials += 1;
            (trials < 4).then(|| server(rate)).flatten()
        });
        assert_eq!(range.kept, Some(2_000.0));
        assert_eq!(
            range.broken, None,
            "one trial of three does not break a rate"
        );
    }

    proptest! {
        #[test]
        fn the_range_of_a_steady_server_contains_its_capacity(capacity in 1.0f64..1e7) {
            let range = SEARCH.run(&mut server(capacity));
            let (kept, broken) = (range.kept.expect("some"), range.broken.expect("some"));
            prop_assert!(kept <= capacity && capacity < broken);
            prop_assert!(broken / kept <= 1.05 + 1e-9);
        }

        #[test]
        fn the_capacity_of_a_noisy_server_is_found_within_its_noise(
            capacity in 100.0f64..1e6,
            noise in proptest::collection::vec(0.9f64..1.1, 60),
        ) {
            let mut trials = 0;
            let range = SEARCH.run(&mut |rate| {
                let now = capacity * noise[trials];
                trials += 1;
                server(now)(rate)
            });
            prop_assert!(trials <= 60);
            prop_assert!(range.kept.expect("some") <= capacity * 1.1);
            prop_assert!(range.broken.expect("some") > capacity * 0.9);
        }
    }
}
