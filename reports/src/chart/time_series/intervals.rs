//! The intervals of several trials, as means over blocks.

use crate::record::{IntervalRecord, Measured};
use crate::stats::{self, Scale};

/// One interval of the measured time, over all blocks.
pub(crate) struct MeanInterval {
    pub(crate) at_s: f64,
    pub(crate) duration_s: f64,
    /// Answers per second, mean of the blocks.
    pub(crate) rps: f64,
    /// 99th percentile of response time, microseconds, mean of the blocks that have one.
    pub(crate) p99_us: Option<f64>,
    /// Failed requests of all blocks.
    pub(crate) errors: u64,
    /// Blocks in which something else on the host disturbed the interval.
    pub(crate) disturbed: usize,
    /// Blocks that have the interval.
    pub(crate) trials: usize,
}

impl MeanInterval {
    pub(crate) fn end_s(&self) -> f64 {
        self.at_s + self.duration_s
    }

    pub(crate) fn span(&self) -> String {
        format!("{:.2} to {:.2} s", self.at_s, self.end_s())
    }
}

/// Returns the intervals of trials by time. On a busy machine trials are cut a little differently,
/// so few of them have the last intervals.
pub(crate) fn mean_intervals(trials: &[&Measured]) -> Vec<MeanInterval> {
    let most = trials.iter().map(|trial| trial.intervals.len()).max();
    let means = (0..most.unwrap_or(0)).filter_map(|index| {
        let intervals = trials.iter().filter_map(|t| t.intervals.get(index));
        mean(&intervals.collect::<Vec<_>>())
    });
    let mut means: Vec<MeanInterval> = means.collect();
    means.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    means
}

fn mean(intervals: &[&IntervalRecord]) -> Option<MeanInterval> {
    let mean = |scale, of: &dyn Fn(&IntervalRecord) -> Option<f64>| {
        stats::mean(intervals.iter().filter_map(|one| of(one)), scale)
    };
    let rate =
        |one: &IntervalRecord| (one.duration_s > 0.0).then(|| one.requests as f64 / one.duration_s);
    let disturbed = intervals
        .iter()
        .filter(|one| one.is_disturbed() == Some(true));
    Some(MeanInterval {
        at_s: mean(Scale::Count, &|one| Some(one.at_s))?,
        duration_s: mean(Scale::Count, &|one| Some(one.duration_s))?,
        rps: mean(Scale::Count, &rate)?,
        p99_us: mean(Scale::Ratio, &|one| one.p99_us),
        errors: intervals.iter().map(|one| one.errors).sum(),
        disturbed: disturbed.count(),
        trials: intervals.len(),
    })
}
