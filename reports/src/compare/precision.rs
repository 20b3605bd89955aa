//! Whether a study has enough blocks.

use super::builds::builds;
use super::comparison::Comparison;
use super::criteria::{Criteria, fewest};
use super::family::keys;
use super::study::{against, leading_of};
use crate::record::Trial;
use crate::stats::{MIN_BLOCKS, student};
use crate::study::Study;

/// How precise the comparisons of a study are, and how many more blocks are expected.
///
/// A study that goes on until it is precise looks at the widths of its intervals, and never at
/// its verdicts: a study that goes on until it shows a difference always finds one (P. Armitage,
/// C. K. McPherson, B. C. Rowe, "Repeated significance tests on accumulating data", 1969). Widths
/// come of the spread, and of normal noise the mean says nothing of the spread, so stopping by
/// width favours no verdict (Y. S. Chow, H. Robbins, "On the asymptotic theory of fixed-width
/// sequential confidence intervals for the mean", 1965).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Half the width of the widest confidence interval, relative; absent while one is missing.
    pub widest: Option<f64>,
    /// Number of further blocks, from the spread so far: 0 if all intervals are narrow enough. Absent if
    /// it is more than anyone will run.
    pub more_blocks: Option<usize>,
}

impl Precision {
    /// Of some comparisons, such as those of [`leading`](super::leading), with each interval to
    /// reach no farther than `target` up from its ratio: 0.03 for 3%. `None` if there is nothing
    /// to compare.
    pub fn of(comparisons: &[Comparison], target: f64, criteria: &Criteria) -> Option<Precision> {
        let half_widths = comparisons.iter().map(|c| c.ratio?.half_width());
        let half_widths: Option<Vec<f64>> = half_widths.collect();
        let more = comparisons.iter().map(|c| more_blocks(c, target, criteria));
        let more: Option<Vec<usize>> = more.collect();
        (!comparisons.is_empty()).then(|| Precision {
            widest: half_widths.and_then(|widths| widths.into_iter().reduce(f64::max)),
            more_blocks: more.and_then(|more| more.into_iter().max()),
        })
    }

    /// Of a study that is to be precise: every strategy against the first that has valid figures
    /// or, where several builds serve, against itself as the first build serves it, in the leading
    /// metric of each scenario. `None` of any other study, and where there is nothing to compare.
    pub fn of_study(study: &Study) -> Option<Precision> {
        let target = study.header.plan.precision?;
        let criteria = Criteria::of(&study.header.plan);
        let pairs = match builds(study) {
            none if none.is_empty() => against(study, first_valid(study)?),
            builds => builds,
        };
        Precision::of(&leading_of(study, &pairs, &criteria), target, &criteria)
    }

    /// Whether the study may end.
    pub fn is_reached(&self) -> bool {
        self.more_blocks == Some(0)
    }
}

fn first_valid(study: &Study) -> Option<&str> {
    let is_valid = |trial: &&Trial| trial.valid().is_some();
    let valid: Vec<_> = study.trials.iter().filter(is_valid).collect();
    keys(study).find(|key| valid.iter().any(|t| t.strategy == *key))
}

fn more_blocks(comparison: &Comparison, target: f64, criteria: &Criteria) -> Option<usize> {
    let Some(spread) = comparison.spread else {
        return Some(MIN_BLOCKS - comparison.blocks);
    };
    // A t interval is as wide as the quantile over the root of the number of blocks.
    let shape = |blocks: usize| {
        let quantile = student::quantile(f64::midpoint(1.0, criteria.level), blocks as f64 - 1.0);
        quantile / (blocks as f64).sqrt()
    };
    let suffices = |blocks| spread * shape(blocks) <= target.ln_1p();
    Some(fewest(suffices)?.saturating_sub(comparison.blocks))
}
