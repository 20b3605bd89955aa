//! The search for the highest rate that keeps a limit: pure, over a closure that tries a rate.
//!
//! It doubles (or halves) the rate until a rate that is kept and one that is not enclose the
//! capacity, and then bisects on a logarithmic scale. A single trial may fail by bad luck, so a
//! rate is only given up when two trials out of three do; while it brackets, one trial that
//! keeps the limit is enough, for a lucky step too far is taken back by the bisection.

/// What a trial at a rate showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The limit was kept.
    Kept,
    /// The limit was broken.
    Broken,
}

/// Where the capacity lies, requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bracket {
    /// The highest rate that kept the limit; `None` if none did.
    pub(super) kept: Option<f64>,
    /// The lowest rate above it that did not; `None` if all did.
    pub(super) broken: Option<f64>,
}

/// How the search goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The first rate that is tried, requests per second.
    pub(super) start_rps: f64,
    /// No lower rate is tried.
    pub(super) lowest_rps: f64,
    /// No higher rate is tried.
    pub(super) highest_rps: f64,
    /// The search is over when the bracket is this much of its lower end wide.
    pub(super) precision: f64,
    /// The search is over after so many trials in any case.
    pub(super) most_trials: u32,
}

/// Trials that decide on a rate, of which the majority counts.
const VOTES: u32 = 3;

impl Search {
    /// Searches. A `None` of `trial` ends it, with what was found so far.
    pub(super) fn run(self, trial: &mut dyn FnMut(f64) -> Option<Answer>) -> Bracket {
        let mut bracket = Bracket {
            kept: None,
            broken: None,
        };
        let mut left = self.most_trials;
        while let Some(rate) = self.next(bracket) {
            let votes = match bracket {
                Bracket {
                    kept: Some(_),
                    broken: Some(_),
                } => Votes::Majority,
                _ => Votes::OneIsEnough,
            };
            match votes.ask(rate, &mut left, trial) {
                Some(Answer::Kept) => bracket.kept = Some(rate),
                Some(Answer::Broken) => bracket.broken = Some(rate),
                None => break,
            }
        }
        bracket
    }

    /// The rate to try next; `None` when there is nothing left to find out.
    fn next(self, bracket: Bracket) -> Option<f64> {
        match (bracket.kept, bracket.broken) {
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

/// How a rate is decided on.
#[derive(Clone, Copy, Debug)]
enum Votes {
    /// Kept as soon as one trial keeps it; broken by the majority.
    OneIsEnough,
    /// By the majority.
    Majority,
}

impl Votes {
    fn ask(
        self,
        rate: f64,
        left: &mut u32,
        trial: &mut dyn FnMut(f64) -> Option<Answer>,
    ) -> Option<Answer> {
        let majority = VOTES / 2 + 1;
        let enough = match self {
            Self::OneIsEnough => 1,
            Self::Majority => majority,
        };
        let (mut kept, mut broken) = (0, 0);
        loop {
            *left = left.checked_sub(1)?;
            match trial(rate)? {
                Answer::Kept => kept += 1,
                Answer::Broken => broken += 1,
            }
            if kept == enough {
                return Some(Answer::Kept);
            }
            if broken == majority {
                return Some(Answer::Broken);
            }
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

    fn server(capacity: f64) -> impl FnMut(f64) -> Option<Answer> {
        move |rate| {
            Some(if rate <= capacity {
                Answer::Kept
            } else {
                Answer::Broken
            })
        }
    }

    #[test]
    fn the_rates_double_until_one_is_broken_and_then_close_in() {
        let mut tried = Vec::new();
        let mut server = server(3_000.0);
        let bracket = SEARCH.run(&mut |rate| {
            tried.push(rate.round());
            server(rate)
        });
        assert_eq!(tried[..5], [1_000.0, 2_000.0, 4_000.0, 4_000.0, 2_828.0]);
        let (kept, broken) = (bracket.kept.expect("some"), bracket.broken.expect("some"));
        assert!(
            kept <= 3_000.0 && 3_000.0 < broken && broken / kept <= 1.05,
            "{bracket:?}"
        );
    }

    #[test]
    fn one_unlucky_trial_does_not_end_the_doubling() {
        let mut server = server(50_000.0);
        let mut trials = 0;
        let bracket = SEARCH.run(&mut |rate| {
            trials += 1;
            if trials == 2 {
                Some(Answer::Broken)
            } else {
                server(rate)
            }
        });
        assert!(bracket.kept > Some(45_000.0), "{bracket:?}");
    }

    #[test]
    fn nothing_at_all_may_be_kept_and_everything_may() {
        let none = SEARCH.run(&mut server(0.5));
        assert_eq!((none.kept, none.broken), (None, Some(1.0)));
        let all = SEARCH.run(&mut server(1e9));
        assert_eq!((all.kept, all.broken), (Some(1e8), None));
    }

    #[test]
    fn an_end_from_outside_keeps_what_was_found() {
        let mut server = server(3_000.0);
        let mut trials = 0;
        let bracket = SEARCH.run(&mut |rate| {
            trials += 1;
            (trials < 4).then(|| server(rate)).flatten()
        });
        assert_eq!(bracket.kept, Some(2_000.0));
        assert_eq!(
            bracket.broken, None,
            "one trial of three does not break a rate"
        );
    }

    proptest! {
        #[test]
        fn the_bracket_of_a_steady_server_holds_its_capacity(capacity in 1.0f64..1e7) {
            let bracket = SEARCH.run(&mut server(capacity));
            let (kept, broken) = (bracket.kept.expect("some"), bracket.broken.expect("some"));
            prop_assert!(kept <= capacity && capacity < broken);
            prop_assert!(broken / kept <= 1.05 + 1e-9);
        }

        #[test]
        fn a_noisy_server_is_found_within_its_noise_and_the_budget(
            capacity in 100.0f64..1e6,
            luck in proptest::collection::vec(0.9f64..1.1, 60),
        ) {
            let mut trials = 0;
            let bracket = SEARCH.run(&mut |rate| {
                let now = capacity * luck[trials];
                trials += 1;
                server(now)(rate)
            });
            prop_assert!(trials <= 60);
            prop_assert!(bracket.kept.expect("some") <= capacity * 1.1);
            prop_assert!(bracket.broken.expect("some") > capacity * 0.9);
        }
    }
}
