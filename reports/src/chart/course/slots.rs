//! The slices of several trials laid over each other.

use crate::record::{IntervalRecord, Measured};
use crate::stats::Spread;

/// One slice of the measured time, over all blocks.
pub(super) struct Slot {
    pub(super) at_s: f64,
    pub(super) duration_s: f64,
    /// Answers per second, median of the blocks.
    pub(super) rps: f64,
    /// 99th percentile of response time, microseconds, median of the blocks that have one.
    pub(super) p99_us: Option<f64>,
    /// Failed requests of all blocks.
    pub(super) errors: u64,
    /// Blocks in which something outside of the study disturbed the slice.
    pub(super) disturbed: usize,
    /// Blocks that have the slice.
    pub(super) trials: usize,
}

impl Slot {
    pub(super) fn end_s(&self) -> f64 {
        self.at_s + self.duration_s
    }

    /// When it was, in words.
    pub(super) fn span(&self) -> String {
        format!("{:.2} to {:.2} s", self.at_s, self.end_s())
    }
}

/// The slices of trials, in the order of their times: on a busy machine trials are cut a little
/// differently, and the last slices are those of few.
pub(super) fn slots(trials: &[&Measured]) -> Vec<Slot> {
    let most = trials.iter().map(|trial| trial.intervals.len()).max();
    let mut slots: Vec<Slot> = (0..most.unwrap_or(0))
        .filter_map(|index| {
            slot(
                &trials
                    .iter()
                    .filter_map(|t| t.intervals.get(index))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    slots.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    slots
}

fn slot(slices: &[&IntervalRecord]) -> Option<Slot> {
    let median = |of: &dyn Fn(&IntervalRecord) -> Option<f64>| {
        Some(Spread::of(slices.iter().filter_map(|slice| of(slice)))?.median)
    };
    let rate = |slice: &IntervalRecord| {
        (slice.duration_s > 0.0).then(|| slice.requests as f64 / slice.duration_s)
    };
    Some(Slot {
        at_s: median(&|slice| Some(slice.at_s))?,
        duration_s: median(&|slice| Some(slice.duration_s))?,
        rps: median(&rate)?,
        p99_us: median(&|slice| slice.p99_us),
        errors: slices.iter().map(|slice| slice.errors).sum(),
        disturbed: slices
            .iter()
            .filter(|slice| slice.is_disturbed() == Some(true))
            .count(),
        trials: slices.len(),
    })
}
