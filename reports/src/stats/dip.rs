//! What a change of a fleet did to throughput and latency, from the intervals of its trial.

use super::median;
use crate::record::{ChangeRecord, IntervalRecord};

/// Fewest intervals without a change that say what is usual.
const FEWEST_QUIET: usize = 5;

/// What a change did to throughput and latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dip {
    /// By which share throughput was lower than usual in the interval with the fewest answers.
    pub(super) depth: f64,
    /// Length of the intervals with fewer answers than any interval without a change, seconds.
    pub(super) lasted_s: f64,
    /// Highest p99 of an interval, in units of the usual one; `None` if no interval has a p99.
    pub(super) p99_rise: Option<f64>,
}

/// What is usual: the intervals of a trial in which no change was going on.
pub(super) struct Usual<'a> {
    intervals: &'a [IntervalRecord],
    rps: f64,
    least_rps: f64,
    p99_us: Option<f64>,
}

impl<'a> Usual<'a> {
    /// `None` if too few intervals are without a change, or without an answer.
    pub(super) fn of(intervals: &'a [IntervalRecord], changes: &[ChangeRecord]) -> Option<Self> {
        let is_quiet = |one: &&IntervalRecord| !changes.iter().any(|change| overlap(one, change));
        let quiet: Vec<&IntervalRecord> = intervals.iter().filter(is_quiet).collect();
        let rates = || quiet.iter().filter_map(|one| rate(one));
        let p99 = quiet.iter().filter_map(|one| one.p99_us);
        let rps = median(rates()).filter(|rps| *rps > 0.0)?;
        (quiet.len() >= FEWEST_QUIET).then(|| Usual {
            intervals,
            rps,
            least_rps: rates().fold(f64::INFINITY, f64::min),
            p99_us: median(p99).filter(|us| *us > 0.0),
        })
    }

    /// Compares a change with it; `None` if the intervals are longer than the change, so that they would
    /// hide what it did.
    pub(super) fn dip(&self, change: &ChangeRecord) -> Option<Dip> {
        let within = || self.intervals.iter().filter(|one| overlap(one, change));
        let longest = within().map(|one| one.duration_s).reduce(f64::max)?;
        let least = within().filter_map(rate).reduce(f64::min)?;
        let is_low = |one: &&IntervalRecord| rate(one).is_some_and(|rps| rps < self.least_rps);
        let highest = within().filter_map(|one| one.p99_us).reduce(f64::max);
        let rise = highest.and_then(|highest| Some(highest / self.p99_us?));
        (longest <= change.took_s()).then(|| Dip {
            depth: (1.0 - least / self.rps).max(0.0),
            // A sum of nothing would be negative zero.
            lasted_s: within()
                .filter(is_low)
                .fold(0.0, |sum, one| sum + one.duration_s),
            p99_rise: rise,
        })
    }
}

fn rate(interval: &IntervalRecord) -> Option<f64> {
    (interval.duration_s > 0.0).then(|| interval.requests as f64 / interval.duration_s)
}

fn overlap(interval: &IntervalRecord, change: &ChangeRecord) -> bool {
    interval.at_s < change.ended_s && change.began_s < interval.at_s + interval.duration_s
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    /// Intervals of 10 ms with these answers; with fewer than 50 a p99 of 5 ms, otherwise 1 ms.
    fn intervals(answers: &[u64]) -> Vec<IntervalRecord> {
        let interval = |(number, requests): (usize, &u64)| IntervalRecord {
            at_s: number as f64 / 100.0,
            duration_s: 0.01,
            requests: *requests,
            errors: 0,
            p50_us: None,
            p99_us: Some(if *requests < 50 { 5_000.0 } else { 1_000.0 }),
            max_us: None,
            per_worker: Vec::new(),
            stalled_us: None,
            histogram: None,
            host: None,
        };
        answers.iter().enumerate().map(interval).collect()
    }

    fn change(began_s: f64, ended_s: f64) -> ChangeRecord {
        ChangeRecord {
            what: "reload".into(),
            due_s: began_s,
            began_s,
            ended_s,
            error: None,
        }
    }

    #[test]
    fn a_dip_is_as_deep_as_its_lowest_interval_and_as_long_as_those_that_are_lower_than_usual() {
        let intervals = intervals(&[100, 90, 100, 110, 100, 80, 40, 20, 95, 100]);
        let reload = change(0.05, 0.09);
        let usual = Usual::of(&intervals, from_ref(&reload)).expect("six intervals are quiet");
        let dip = usual.dip(&reload).expect("four intervals lie within it");
        assert!((dip.depth - 0.8).abs() < 1e-9, "{dip:?}");
        assert!((dip.lasted_s - 0.03).abs() < 1e-9, "{dip:?}");
        assert_eq!(dip.p99_rise, Some(5.0));
    }

    #[test]
    fn a_change_without_a_low_interval_has_a_dip_of_no_time() {
        let intervals = intervals(&[100, 90, 100, 110, 100, 95, 90]);
        let reload = change(0.05, 0.07);
        let usual = Usual::of(&intervals, from_ref(&reload)).expect("five intervals are quiet");
        let dip = usual.dip(&reload).expect("two intervals lie within it");
        assert!(dip.lasted_s == 0.0 && dip.lasted_s.is_sign_positive());
    }

    #[test]
    fn intervals_that_are_longer_than_a_change_or_too_few_say_nothing() {
        let intervals = intervals(&[100, 90, 100, 110, 100, 40]);
        let short = change(0.051, 0.052);
        let usual = Usual::of(&intervals, from_ref(&short)).expect("five intervals are quiet");
        assert_eq!(usual.dip(&short), None);
        assert!(Usual::of(&intervals, &[change(0.01, 0.06)]).is_none());
        assert!(Usual::of(&[], &[]).is_none());
    }
}
