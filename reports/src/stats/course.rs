//! The course of a trial: whether it was warm, and what disturbed it.

use serde::Serialize;

use super::rank::rank_sum;
use crate::record::{HostShares, IntervalRecord, LoopKind};

/// Into how many stretches a course is divided: enough for a rank test at [`LEVEL`], and few
/// enough for neighbours to be nearly independent, as in batch means (P. D. Welch, 1983).
const STRETCHES: usize = 20;

/// Stretches at the beginning that are held against the others.
const EARLY: usize = 4;

/// How often a steady course may be called unsteady.
const LEVEL: f64 = 0.01;

/// A change of less is no reason to distrust a trial: it is the smallest true difference that a
/// study is asked to find (see [`Criteria`](crate::compare::Criteria)).
const RELEVANT: f64 = 0.05;

/// A slice is disturbed if the hypervisor or other processes took more than this share of the
/// CPUs: what took less cannot have made a difference that matters.
const DISTURBING: f64 = RELEVANT;

/// Whether the beginning of a trial was like the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// No difference between beginning and rest was found.
    Steady,
    /// The beginning differs: the warm-up was not over.
    Settling {
        /// Median figure of the beginning in units of that of the rest.
        early_over_late: f64,
    },
    /// Too few slices to tell.
    TooShort,
}

impl Course {
    /// Compares the first fifth of a trial with the rest, as Geweke's diagnostic does (J. Geweke,
    /// "Evaluating the accuracy of sampling-based approaches", 1992), by an exact rank-sum test
    /// over stretches of equal length. It is `Settling` where the test, at 1%, and a difference
    /// of the medians, of more than 5%, agree.
    ///
    /// `figures` are one of each slice in its order: requests, or a median response time.
    pub fn of(figures: &[f64]) -> Course {
        if figures.len() < STRETCHES || figures.iter().any(|f| !f.is_finite()) {
            return Course::TooShort;
        }
        let stretches = stretches(figures);
        let (early, late) = stretches.split_at(EARLY);
        let p = 2.0 * rank_sum(early, late).min(rank_sum(late, early));
        let early_over_late = median(early) / median(late);
        if p <= LEVEL && early_over_late.ln().abs() > RELEVANT.ln_1p() {
            Course::Settling { early_over_late }
        } else {
            Course::Steady
        }
    }

    /// The course of a trial: of its throughput in a closed loop, and of its latency in an open
    /// one, whose throughput is the schedule's.
    pub fn of_trial(loop_kind: LoopKind, intervals: &[IntervalRecord]) -> Course {
        match loop_kind {
            LoopKind::Closed => Course::of_throughput(intervals),
            LoopKind::Open => Course::of_latency(intervals),
        }
    }

    /// The course of the requests answered in a trial, per second of each slice.
    pub fn of_throughput(intervals: &[IntervalRecord]) -> Course {
        let rate = |interval: &IntervalRecord| interval.requests as f64 / interval.duration_s;
        Course::of(&intervals.iter().map(rate).collect::<Vec<_>>())
    }

    /// The course of the median response time of a trial; `TooShort` if a slice has none.
    pub fn of_latency(intervals: &[IntervalRecord]) -> Course {
        let medians = intervals.iter().map(|interval| interval.p50_us);
        let medians: Option<Vec<f64>> = medians.collect();
        medians.map_or(Course::TooShort, |medians| Course::of(&medians))
    }
}

impl IntervalRecord {
    /// Whether something outside of the study took a share of the CPUs that may have changed the
    /// figures; `None` where the host's counters were not read.
    pub fn is_disturbed(&self) -> Option<bool> {
        let HostShares { steal, others } = self.host?;
        Some(steal + others > DISTURBING)
    }
}

/// Means over [`STRETCHES`] runs of neighbours, as equal in length as can be.
fn stretches(figures: &[f64]) -> Vec<f64> {
    let edge = |stretch: usize| stretch * figures.len() / STRETCHES;
    let mean = |run: &[f64]| run.iter().sum::<f64>() / run.len() as f64;
    (0..STRETCHES)
        .map(|stretch| mean(&figures[edge(stretch)..edge(stretch + 1)]))
        .collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}
