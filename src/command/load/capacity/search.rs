//! The search for the highest rate within a limit: a pure function of a closure that tries a rate.
//!
//! It goes up (or down) in growing steps until a rate within the limit and one that is not enclose the
//! capacity, and then bisects on a logarithmic scale. A single trial may fail by chance, so a rate fails
//! only if two of three trials do. During the steps one trial within the limit is enough, since the
//! bisection corrects a step too far. A trial that says nothing about the server is made again.

/// Result of trials at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RateResult {
    /// Within the limit.
    Kept,
    /// Beyond the limit.
    Broken,
    /// The generator or the host was the limit, so nothing is known of the server.
    Unknown,
}

/// Range of the capacity, requests per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CapacityRange {
    /// Highest rate within the limit; `None` if there is none.
    pub(super) kept: Option<f64>,
    /// Lowest higher rate beyond the limit; `None` if there is none.
    pub(super) broken: Option<f64>,
    /// Lowest rate between the two of which nothing is known; `None` if there is none.
    pub(super) unknown: Option<f64>,
}

impl CapacityRange {
    /// Upper end of the range.
    fn above(self) -> Option<f64> {
        self.unknown.or(self.broken)
    }

    fn narrow(&mut self, rate: f64, result: RateResult) {
        match result {
            RateResult::Kept => self.kept = Some(rate),
            RateResult::Unknown => self.unknown = Some(rate),
            RateResult::Broken => (self.broken, self.unknown) = (Some(rate), None),
        }
    }
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

/// Number of trials that say nothing after which a rate is given up.
const GIVE_UP_AFTER: u32 = 3;

/// First step, as a factor: the first rate is near the capacity. Each further step squares the last one,
/// up to the longest.
const FIRST_STEP: f64 = 1.2;
const LONGEST_STEP: f64 = 2.0;

impl Search {
    /// Searches. If `trial` returns `None`, ends with the range so far.
    pub(super) fn run(self, trial: &mut dyn FnMut(f64) -> Option<RateResult>) -> CapacityRange {
        let mut range = CapacityRange::default();
        let mut step = FIRST_STEP;
        let mut left = self.most_trials;
        while let Some(rate) = self.next(range, step) {
            let is_step = range.kept.is_none() || range.above().is_none();
            if is_step && range != CapacityRange::default() {
                step = (step * step).min(LONGEST_STEP);
            }
            let enough = if is_step { 1 } else { MAJORITY };
            let Some(result) = decide(rate, enough, &mut left, trial) else {
                break;
            };
            range.narrow(rate, result);
        }
        range
    }

    /// Returns the rate to try next; `None` at the end.
    fn next(self, range: CapacityRange, step: f64) -> Option<f64> {
        match (range.kept, range.above()) {
            (None, None) => Some(self.start_rps),
            (Some(kept), None) => {
                (kept < self.highest_rps).then(|| (kept * step).min(self.highest_rps))
            }
            (None, Some(above)) => {
                (above > self.lowest_rps).then(|| (above / step).max(self.lowest_rps))
            }
            (Some(kept), Some(above)) => {
                (above / kept > 1.0 + self.precision).then(|| (kept * above).sqrt())
            }
        }
    }
}

/// Tries a rate until `enough` trials are within the limit, the majority is beyond it, or too many say
/// nothing.
fn decide(
    rate: f64,
    enough: u32,
    left: &mut u32,
    trial: &mut dyn FnMut(f64) -> Option<RateResult>,
) -> Option<RateResult> {
    let (mut kept, mut broken, mut unknown) = (0, 0, 0);
    loop {
        *left = left.checked_sub(1)?;
        let (count, most, result) = match trial(rate)? {
            RateResult::Kept => (&mut kept, enough, RateResult::Kept),
            RateResult::Broken => (&mut broken, MAJORITY, RateResult::Broken),
            RateResult::Unknown => (&mut unknown, GIVE_UP_AFTER, RateResult::Unknown),
        };
        *count += 1;
        if *count == most {
            return Some(result);
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
    fn the_steps_grow_until_one_is_broken_and_then_the_rates_close_in() {
        let mut tried = Vec::new();
        let mut server = server(3_000.0);
        let range = SEARCH.run(&mut |rate| {
            tried.push(rate.round());
            server(rate)
        });
        let steps = [1_000.0, 1_200.0, 1_728.0, 3_456.0, 3_456.0, 2_444.0];
        assert_eq!(tried[..6], steps);
        let (kept, broken) = (range.kept.expect("some"), range.broken.expect("some"));
        assert!(
            kept <= 3_000.0 && 3_000.0 < broken && broken / kept <= 1.05,
            "{range:?}"
        );
    }

    #[test]
    fn one_failed_trial_does_not_end_the_steps() {
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
        assert_eq!(range.kept, Some(1_728.0));
        assert_eq!(
            range.broken, None,
            "one trial of three does not break a rate"
        );
    }

    #[test]
    fn a_trial_that_says_nothing_is_made_again() {
        let mut server = server(3_000.0);
        let mut trials = 0;
        let range = SEARCH.run(&mut |rate| {
            trials += 1;
            // Every second one says nothing, at all rates.
            match trials % 2 {
                0 => server(rate),
                _ => Some(RateResult::Unknown),
            }
        });
        assert!(range.kept.is_some_and(|kept| kept <= 3_000.0), "{range:?}");
        assert_eq!(range.unknown, None, "{range:?}");
    }

    #[test]
    fn where_nothing_is_known_above_a_rate_the_capacity_is_at_least_that_rate() {
        let mut tried = 0;
        let range = SEARCH.run(&mut |rate| {
            tried += 1;
            Some(if rate <= 3_000.0 {
                RateResult::Kept
            } else {
                RateResult::Unknown
            })
        });
        let (kept, unknown) = (range.kept.expect("some"), range.unknown.expect("some"));
        assert!(kept <= 3_000.0 && 3_000.0 < unknown && unknown / kept <= 1.05);
        assert_eq!(range.broken, None);
        let nothing = SEARCH.run(&mut |_| Some(RateResult::Unknown));
        assert_eq!((nothing.kept, nothing.unknown), (None, Some(1.0)));
    }

    #[test]
    fn a_rate_beyond_the_limit_counts_more_than_one_above_it_of_which_nothing_is_known() {
        let range = SEARCH.run(&mut |rate| {
            Some(match rate {
                ..=1_500.0 => RateResult::Kept,
                ..=1_700.0 => RateResult::Broken,
                _ => RateResult::Unknown,
            })
        });
        assert!(
            range.broken.is_some() && range.unknown.is_none(),
            "{range:?}"
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
