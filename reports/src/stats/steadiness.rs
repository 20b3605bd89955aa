//! Whether a trial was warm, and whether something disturbed it.

use serde::Serialize;

use super::median;
use super::rank::rank_sum;
use crate::record::{HostShares, IntervalRecord, LoopKind};

/// Number of batches into which a time series is divided: enough for a rank test at [`LEVEL`], and
/// few enough for neighbours to be nearly independent, as in batch means (P. D. Welch, 1983).
const BATCHES: usize = 20;

/// Number of batches at the beginning that are compared with the others.
const EARLY: usize = 4;

/// How often a steady time series may be called unsteady.
const LEVEL: f64 = 0.01;

/// A smaller change is no reason to distrust a trial: this is the smallest true difference that a
/// study should find (see [`Criteria`](crate::compare::Criteria)).
const RELEVANT: f64 = 0.05;

/// An interval is disturbed if the hypervisor or other processes took more than this share of the
/// CPUs, and a trial if they took so much more than from its neighbours: a smaller share cannot have
/// made a difference that matters.
pub(super) const DISTURBING: f64 = RELEVANT;

/// Whether the beginning of a trial was like the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Steadiness {
    /// No difference between beginning and rest was found.
    Steady,
    /// The beginning differs: the warm-up was not over.
    Settling {
        /// Median figure of the beginning in units of that of the rest.
        early_over_late: f64,
    },
    /// Too few intervals to decide.
    TooShort,
}

impl Steadiness {
    /// Compares the first fifth of a trial with the rest, as Geweke's diagnostic does (J. Geweke,
    /// "Evaluating the accuracy of sampling-based approaches", 1992), by an exact rank-sum test
    /// over batches of equal length. It is `Settling` where the test, at 1%, and a difference
    /// of the medians, of more than 5%, agree.
    ///
    /// `figures` has one figure per interval, in order: requests, or a median response time.
    pub fn of(figures: &[f64]) -> Steadiness {
        if figures.len() < BATCHES || figures.iter().any(|f| !f.is_finite()) {
            return Steadiness::TooShort;
        }
        let batches = batches(figures);
        let (early, late) = batches.split_at(EARLY);
        let p = 2.0 * rank_sum(early, late).min(rank_sum(late, early));
        let [early, late] = [early, late].map(|run| median(run.iter().copied()));
        let early_over_late = early
            .zip(late)
            .map_or(f64::NAN, |(early, late)| early / late);
        if p <= LEVEL && early_over_late.ln().abs() > RELEVANT.ln_1p() {
            Steadiness::Settling { early_over_late }
        } else {
            Steadiness::Steady
        }
    }

    /// Judges a trial by its throughput in a closed loop, and by its latency in an open one, whose
    /// throughput is that of the schedule.
    pub fn of_trial(loop_kind: LoopKind, intervals: &[IntervalRecord]) -> Steadiness {
        let figures = intervals.iter().map(|interval| match loop_kind {
            LoopKind::Closed => Some(interval.requests as f64 / interval.duration_s),
            LoopKind::Open => interval.p50_us,
        });
        let figures: Option<Vec<f64>> = figures.collect();
        figures.map_or(Steadiness::TooShort, |figures| Steadiness::of(&figures))
    }
}

impl IntervalRecord {
    /// Whether something outside the study took a share of the CPUs that may have changed the
    /// figures; `None` if the host's counters were not read.
    pub fn is_disturbed(&self) -> Option<bool> {
        Some(self.host?.taken() > DISTURBING)
    }
}

impl HostShares {
    pub(super) fn taken(self) -> f64 {
        self.steal + self.others
    }
}

/// Returns the means of [`BATCHES`] batches of neighbours of nearly equal length.
fn batches(figures: &[f64]) -> Vec<f64> {
    let edge = |batch: usize| batch * figures.len() / BATCHES;
    let mean = |run: &[f64]| run.iter().sum::<f64>() / run.len() as f64;
    (0..BATCHES)
        .map(|batch| mean(&figures[edge(batch)..edge(batch + 1)]))
        .collect()
}
