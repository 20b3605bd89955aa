//! A comparison and its verdict.

use serde::Serialize;

use super::criteria::{Criteria, MOST_BLOCKS, fewest};
use super::evidence::Evidence;
use super::metric::{Direction, Metric};
use super::ratio::Ratio;
use crate::stats::{Interval, MIN_BLOCKS, Spread, holm, student};

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
    /// Total number of blocks needed to find the change in the criteria, from the spread so far; at most
    /// [`MOST_BLOCKS`](super::MOST_BLOCKS). Absent if there are enough. If it is present, *no difference
    /// shown* means little.
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

/// A comparison before its family is judged.
pub(super) struct Unjudged<'a> {
    pub(super) scenario: &'a str,
    pub(super) metric: Metric,
    pub(super) baseline: &'a str,
    pub(super) candidate: &'a str,
    pub(super) blocks: usize,
    pub(super) figures: [Option<Spread>; 2],
    pub(super) ratio: Option<Ratio>,
    pub(super) log_margin: f64,
    /// Absent below two blocks.
    pub(super) evidence: Option<Evidence>,
}

/// Judges a family of comparisons together.
///
/// A verdict requires that two tests reject the hypothesis that the true ratio is within the margin:
/// a t test on the log ratios, corrected over the family by Holm's method, and an exact signed-rank
/// test, which assumes only that the order of trials was random, and alone keeps false verdicts of
/// each comparison at or below the level.
pub(super) fn judge<'a>(family: Vec<Unjudged<'a>>, criteria: &Criteria) -> Vec<Comparison<'a>> {
    let p_values: Vec<f64> = family
        .iter()
        .filter_map(|unjudged| Some(unjudged.evidence.as_ref()?.p_by_size(unjudged.log_margin)))
        .collect();
    let size = p_values.len();
    let mut corrected = holm(&p_values).into_iter();
    family
        .into_iter()
        .map(|unjudged| {
            let p = unjudged.evidence.as_ref().and_then(|_| corrected.next());
            unjudged.close(p, size, criteria)
        })
        .collect()
}

impl<'a> Unjudged<'a> {
    /// Returns the verdict for a p-value after its correction.
    pub(super) fn verdict(&self, p: Option<f64>, criteria: &Criteria) -> Verdict {
        let shown = |evidence: &&Evidence| {
            p.is_some_and(|p| p <= criteria.alpha())
                && evidence.p_by_rank(self.log_margin) <= criteria.alpha()
        };
        match self.evidence.as_ref().filter(shown) {
            Some(evidence) if evidence.mean * self.metric.better().sign() > 0.0 => Verdict::Better,
            Some(_) => Verdict::Worse,
            None => Verdict::NoDifferenceShown,
        }
    }

    fn close(self, p: Option<f64>, family: usize, criteria: &Criteria) -> Comparison<'a> {
        let evidence = self.evidence.as_ref();
        let needed = match evidence {
            Some(evidence) => criteria.blocks_needed(evidence.spread, family),
            None => MIN_BLOCKS,
        };
        Comparison {
            scenario: self.scenario,
            metric: self.metric,
            baseline: self.baseline,
            candidate: self.candidate,
            blocks: self.blocks,
            baseline_figure: self.figures[0],
            candidate_figure: self.figures[1],
            ratio: self.ratio,
            spread: evidence.map(|evidence| evidence.spread),
            p,
            verdict: self.verdict(p, criteria),
            blocks_needed: (self.blocks < needed).then_some(needed),
        }
    }
}
