//! The intervals of several trials, as medians over blocks.

use crate::record::{IntervalRecord, Measured};
use crate::stats;

/// One interval of the measured time, over all blocks.
pub(super) struct MedianInterval {
    pub(super) at_s: f64,
    pub(super) duration_s: f64,
    /// Answers per second, median of the blocks.
    pub(super) rps: f64,
    /// 99th percentile of response time, microseconds, median of the blocks that have one.
    pub(super) p99_us: Option<f64>,
    /// Failed requests of all blocks.
    pub(super) errors: u64,
    /// Blocks in which something else on the host disturbed the interval.
    pub(super) disturbed: usize,
    /// Blocks that have the interval.
    pub(super) trials: usize,
}

impl MedianInterval {
    pub(super) fn end_s(&self) -> f64 {
        self.at_s + self.duration_s
    }

    pub(super) fn span(&self) -> String {
        format!("{:.2} to {:.2} s", self.at_s, self.end_s())
    }
}

/// Returns the intervals of trials by time. On a busy machine trials are cut a little differently,
/// so few of them have the last intervals.
pub(super) fn median_intervals(trials: &[&Measured]) -> Vec<MedianInterval> {
    let most = trials.iter().map(|trial| trial.intervals.len()).max();
    let medians = (0..most.unwrap_or(0)).filter_map(|index| {
        let intervals = trials.iter().filter_map(|t| t.intervals.get(index));
        median(&intervals.collect::<Vec<_>>())
    });
    let mut medians: Vec<MedianInterval> = medians.collect();
    medians.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    medians
}

fn median(intervals: &[&IntervalRecord]) -> Option<MedianInterval> {
    let median = |of: &dyn Fn(&IntervalRecord) -> Option<f64>| {
        stats::median(intervals.iter().filter_map(|one| of(one)))
    };
    let rate =
        |one: &IntervalRecord| (one.duration_s > 0.0).then(|| one.requests as f64 / one.duration_s);
    let disturbed = intervals
        .iter()
        .filter(|one| one.is_disturbed() == Some(true));
    Some(MedianInterval {
        at_s: median(&|one| Some(one.at_s))?,
        duration_s: median(&|one| Some(one.duration_s))?,
        rps: median(&rate)?,
        p99_us: median(&|one| one.p99_us),
        errors: intervals.iter().map(|one| one.errors).sum(),
        disturbed: disturbed.count(),
        trials: intervals.len(),
    })
}
