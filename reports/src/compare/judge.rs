//! From evidence to verdicts.

use super::comparison::{Comparison, Verdict};
use super::criteria::{Criteria, MOST_BLOCKS, fewest};
use super::evidence::Evidence;
use super::metric::Metric;
use super::ratio::Ratio;
use crate::stats::{MIN_BLOCKS, Spread, holm};

/// Of more blocks than this the sizes of ratios decide, and their signs follow.
const MANY: usize = 50;

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
            unjudged.close(p, criteria, |blocks| criteria.errors_away(blocks, size))
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

    /// Returns the comparison with its verdict. `errors_away` is how many standard errors of that many
    /// blocks a true ratio must be beyond the margin to be found.
    pub(super) fn close(
        self,
        p: Option<f64>,
        criteria: &Criteria,
        errors_away: impl Fn(usize) -> f64,
    ) -> Comparison<'a> {
        let verdict = self.verdict(p, criteria);
        let is_open = verdict == Verdict::NoDifferenceShown;
        let needed = is_open.then(|| self.blocks_needed(criteria, errors_away));
        Comparison {
            scenario: self.scenario,
            metric: self.metric,
            baseline: self.baseline,
            candidate: self.candidate,
            blocks: self.blocks,
            baseline_figure: self.figures[0],
            candidate_figure: self.figures[1],
            ratio: self.ratio,
            spread: self.evidence.map(|evidence| evidence.spread),
            p,
            verdict,
            blocks_needed: needed.flatten(),
        }
    }

    /// Returns the number of blocks after which a verdict is expected, if the true ratio is the one that
    /// was seen; `None` if that is within the margin over enough blocks for a verdict.
    ///
    /// So many standard errors must fit between ratio and margin (G. W. Snedecor, W. G. Cochran,
    /// "Statistical Methods", section on sample size), and the signed-rank test must reject the
    /// blocks so far, repeated.
    fn blocks_needed(
        &self,
        criteria: &Criteria,
        errors_away: impl Fn(usize) -> f64,
    ) -> Option<usize> {
        let Some(evidence) = &self.evidence else {
            return Some(MIN_BLOCKS);
        };
        let beyond = evidence.mean.abs() - self.log_margin;
        let error = |blocks: usize| evidence.spread / (blocks as f64).sqrt();
        let by_size = |blocks: usize| errors_away(blocks) * error(blocks) <= beyond;
        let by_rank = |blocks: &usize| {
            let p = || evidence.repeated(*blocks).p_by_rank(self.log_margin);
            *blocks > MANY || p() <= criteria.alpha()
        };
        if beyond <= 0.0 {
            return (self.blocks < MIN_BLOCKS).then_some(MIN_BLOCKS);
        }
        let first = fewest(by_size).map(|blocks| blocks.max(self.blocks + 1));
        let needed = std::iter::successors(first, |blocks| Some(blocks + blocks / 16 + 1))
            .take_while(|blocks| *blocks < MOST_BLOCKS)
            .find(by_rank);
        Some(needed.unwrap_or(MOST_BLOCKS))
    }
}
