//! A comparison and its verdict.

use serde::Serialize;

use super::criteria::{Criteria, MOST_BLOCKS, fewest};
use super::metric::{Direction, Metric};
use super::ratio::Ratio;
use crate::stats::{Interval, MIN_BLOCKS, Spread, student};

/// One strategy against another in one metric of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// The metric.
    pub metric: Metric,
    /// Key of the strategy that ratios refer to.
    pub baseline: &'a str,
    /// Key of the strategy that is judged.
    pub candidate: &'a str,
    /// Blocks in which both have a valid figure; of two studies, those of the one that has fewer.
    pub blocks: usize,
    /// The baseline's figure over these blocks.
    pub baseline_figure: Option<Spread>,
    /// The candidate's figure over these blocks.
    pub candidate_figure: Option<Spread>,
    /// Candidate over baseline: that of the two figures.
    pub ratio: Option<Ratio>,
    /// Standard deviation of the logarithm of one block's ratio; absent below two blocks.
    #[serde(skip)]
    pub spread: Option<f64>,
    /// Probability that chance puts the ratio this far beyond the margin, corrected for the number
    /// of comparisons; absent below two blocks.
    pub p: Option<f64>,
    /// Whether the candidate is better.
    pub verdict: Verdict,
    /// Total number of blocks that give a verdict if the true ratio is the one that was seen, from the
    /// spread so far, in the share of studies in the criteria; at most
    /// [`MOST_BLOCKS`](super::MOST_BLOCKS). Absent where there is a verdict, and where enough
    /// blocks for one saw a ratio within the margin: no number of blocks would show that it is beyond.
    pub blocks_needed: Option<usize>,
}

/// Result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The candidate is better than the baseline by more than the margin.
    Better,
    /// The candidate is worse than the baseline by more than the margin.
    Worse,
    /// Neither was shown. This does not mean that they are equal.
    NoDifferenceShown,
}

impl Verdict {
    /// Returns the text in reports.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NoDifferenceShown => "no difference shown",
        }
    }
}

impl<'a> Comparison<'a> {
    /// Returns the comparison with the sides exchanged: baseline over candidate.
    #[must_use]
    pub fn flipped(&self) -> Comparison<'a> {
        Comparison {
            baseline: self.candidate,
            candidate: self.baseline,
            baseline_figure: self.candidate_figure,
            candidate_figure: self.baseline_figure,
            ratio: self.ratio.map(Ratio::reciprocal),
            verdict: match self.verdict {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                Verdict::NoDifferenceShown => Verdict::NoDifferenceShown,
            },
            ..self.clone()
        }
    }

    /// Returns the comparison of this candidate with this baseline, if it is of these two, whichever way
    /// round.
    pub(super) fn seen_as(&self, baseline: &str, candidate: &str) -> Option<Comparison<'a>> {
        let is = |a: &str, b: &str| (self.baseline, self.candidate) == (a, b);
        match self {
            _ if is(baseline, candidate) => Some(self.clone()),
            _ if is(candidate, baseline) => Some(self.flipped()),
            _ => None,
        }
    }

    /// Returns the interval of the ratio; absent below two blocks.
    pub fn interval(&self) -> Option<Interval> {
        self.ratio?.interval
    }

    /// Whether the confidence interval excludes a change for the worse of this size, 0.05 for 5%, over
    /// enough blocks for a verdict.
    ///
    /// If several comparisons must all exclude something, none needs a correction: that all do so by
    /// chance is no likelier than that one does (R. L. Berger, "Multiparameter hypothesis
    /// testing and acceptance sampling", Technometrics 24, 1982).
    pub fn rules_out(&self, change: f64) -> bool {
        let worst = self
            .interval()
            .filter(Interval::is_confidence)
            .map(|interval| match self.metric.better() {
                Direction::Up => 1.0 / interval.low,
                Direction::Down => interval.high,
            });
        worst.is_some_and(|worst| worst < 1.0 + change)
    }

    /// Returns the number of blocks needed to exclude a change of this size if there is none, from the
    /// spread so far, in the share of studies in the criteria.
    pub fn blocks_to_rule_out(&self, change: f64, criteria: &Criteria) -> usize {
        let Some(spread) = self.spread else {
            return MIN_BLOCKS;
        };
        let degrees = |blocks: usize| blocks as f64 - 1.0;
        let reach = |blocks| student::quantile(f64::midpoint(1.0, criteria.level), degrees(blocks));
        let root = |blocks: usize| (blocks as f64).sqrt();
        let suffices = |blocks: usize| {
            let quantiles = reach(blocks) + student::quantile(criteria.power, degrees(blocks));
            quantiles * spread / root(blocks) <= change.ln_1p()
        };
        fewest(suffices).unwrap_or(MOST_BLOCKS)
    }
}
