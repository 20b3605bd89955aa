//! Verdicts on all pairs of strategies in one metric of one scenario.

use std::collections::BTreeSet;
use std::f64::consts::SQRT_2;

use super::comparison::Comparison;
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::judge::Unjudged;
use crate::stats::{MIN_BLOCKS, student, studentized_range};

/// What all pairs together say about the noise of one.
struct Family {
    strategies: usize,
    /// Standard deviation of one block's log ratio, over all pairs.
    spread: f64,
    /// Degrees of freedom of that.
    degrees: f64,
    /// How many standard errors a difference must be away from the margin for a verdict.
    critical: f64,
}

/// Judges all pairs of strategies of one scenario together: whichever leads, and whichever pair a reader
/// looks at, at most 5% of scenarios have any false verdict.
///
/// A verdict requires that two tests reject the hypothesis that the true ratio is within the margin.
///
/// - Tukey's test of all pairs in a two-way layout, strategies by blocks (J. W. Tukey, "The problem of
///   multiple comparisons", 1953; H. Scheffé, "The Analysis of Variance", 1959, on randomised
///   blocks). All pairs together say how large the noise is, so that six blocks of eight strategies
///   have 35 degrees of freedom instead of 5. A pair that varies more than the others answers for
///   itself: the larger of its own spread and that of all counts.
/// - The exact signed-rank test of the pair, which assumes only that the order of trials was random.
///
/// `pairs` are all of them; only those that are asked for are returned.
pub(super) fn judge_all_pairs<'a>(
    mut pairs: Vec<Unjudged<'a>>,
    criteria: &Criteria,
    is_asked: impl Fn(&str, &str) -> bool,
) -> Vec<Comparison<'a>> {
    let family = Family::of(&pairs, criteria);
    pairs.retain(|pair| is_asked(pair.baseline, pair.candidate));
    let judged = pairs.into_iter().map(|pair| match &family {
        Some(family) => family.judge(pair, criteria),
        None => pair.close(None, criteria, |_| f64::INFINITY),
    });
    judged.collect()
}

impl Family {
    /// `None` if no pair has two blocks.
    fn of(pairs: &[Unjudged], criteria: &Criteria) -> Option<Family> {
        let known = pairs.iter().filter_map(|p| Some((p, p.evidence.as_ref()?)));
        let known: Vec<(&Unjudged, &Evidence)> = known.collect();
        let keys = known.iter().flat_map(|(p, _)| [p.baseline, p.candidate]);
        let strategies = keys.collect::<BTreeSet<&str>>().len();
        // Where no block is missing, the mean variance over pairs is twice the residual variance of the
        // layout, which has as many degrees of freedom.
        let beyond_one = |pair: &Unjudged| pair.blocks as f64 - 1.0;
        let all: f64 = known.iter().map(|(pair, _)| beyond_one(pair)).sum();
        let squares = known.iter().map(|(p, e)| beyond_one(p) * e.spread.powi(2));
        let mean_blocks = all / known.len() as f64 + 1.0;
        let degrees = |blocks: f64| (strategies as f64 - 1.0) * (blocks - 1.0);
        let alpha = criteria.alpha();
        (!known.is_empty()).then(|| Family {
            strategies,
            spread: (squares.sum::<f64>() / all).sqrt(),
            degrees: degrees(mean_blocks),
            critical: studentized_range::quantile(
                alpha,
                strategies,
                degrees(mean_blocks.max(MIN_BLOCKS as f64)),
            ) / SQRT_2,
        })
    }

    fn judge<'a>(&self, mut pair: Unjudged<'a>, criteria: &Criteria) -> Comparison<'a> {
        let spread = |evidence: &Evidence| evidence.spread.max(self.spread);
        let p = pair.evidence.as_ref().map(|evidence| {
            let excess = evidence.mean.abs() - pair.log_margin;
            let error = spread(evidence) / (pair.blocks as f64).sqrt();
            match excess > 0.0 {
                true => self.p(excess / error),
                false => 1.0,
            }
        });
        if let Some(evidence) = &mut pair.evidence {
            evidence.spread = spread(evidence);
        }
        let found = self.critical + student::quantile(criteria.power, self.degrees);
        pair.close(p, criteria, |_| found)
    }

    /// The probability that chance puts any two strategies so many standard errors apart.
    fn p(&self, errors: f64) -> f64 {
        studentized_range::beyond(errors * SQRT_2, self.strategies, self.degrees)
    }
}
