//! A/A studies: strategies compared with copies of themselves.

use statrs::distribution::{Beta, ContinuousCDF};

use super::builds::BUILD_MARK;
use super::comparison::Verdict;
use super::criteria::Criteria;
use super::family::keys;
use super::study::strategies;
use crate::stats::MIN_BLOCKS;
use crate::study::Study;
use crate::units::{percent, plural};

/// Character between the key of a strategy and the number of its copy: `single#1`, `single#2`.
pub const COPY_MARK: char = '#';

/// The rate of false verdicts that the method allows: what 95% confidence leaves.
const ALLOWED: f64 = 0.05;

/// Verdicts between copies, which are all false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FalseVerdicts {
    /// Comparisons of a strategy with itself.
    pub comparisons: usize,
    /// Those that ended in *better* or *worse*.
    pub false_verdicts: usize,
}

/// Compares the copies of each strategy in a study as reports compare strategies. Only comparisons with
/// enough blocks for a verdict count: others could not have a false one.
pub fn false_verdicts(study: &Study, criteria: &Criteria) -> FalseVerdicts {
    let mut compared = strategies(study, &copies(study), criteria);
    compared.retain(|comparison| comparison.blocks >= MIN_BLOCKS);
    let is_false = |verdict| verdict != Verdict::NoDifferenceShown;
    FalseVerdicts {
        comparisons: compared.len(),
        false_verdicts: compared.iter().filter(|c| is_false(c.verdict)).count(),
    }
}

/// Returns the key without the number of a copy or the label of a build.
pub fn stem(key: &str) -> &str {
    let cut = key.rsplit_once([COPY_MARK, BUILD_MARK]);
    cut.map_or(key, |(stem, _)| stem)
}

/// Whether a study compares strategies with copies of themselves.
pub fn is_aa(study: &Study) -> bool {
    !copies(study).is_empty()
}

/// Returns pairs of keys of the same strategy.
pub(super) fn copies(study: &Study) -> Vec<(&str, &str)> {
    let keys: Vec<&str> = keys(study).filter(|key| key.contains(COPY_MARK)).collect();
    let pairs = keys.iter().enumerate().flat_map(|(position, a)| {
        let later = keys[position + 1..].iter();
        later.filter(|b| stem(a) == stem(b)).map(move |b| (*a, *b))
    });
    pairs.collect()
}

impl FalseVerdicts {
    /// Returns what they show about the method, one sentence.
    pub fn sentence(&self) -> String {
        let Some(rate) = self.rate() else {
            return format!(
                "no comparison of a strategy with itself has the {MIN_BLOCKS} blocks that a verdict \
                 requires, so nothing is known about false ones"
            );
        };
        format!(
            "{} of {} of a strategy with itself ended in a verdict, which is false: {}, and at 95% \
             confidence no more than {}; the method allows {}",
            self.false_verdicts,
            plural(self.comparisons, "comparison"),
            percent(rate),
            percent(self.rate_at_most()),
            percent(ALLOWED)
        )
    }

    /// Whether there are comparisons, with no more false verdicts than the method allows.
    pub fn is_within_bounds(&self) -> bool {
        self.rate().is_some_and(|rate| rate <= ALLOWED)
    }

    /// Returns the share of false verdicts; `None` without a comparison.
    pub fn rate(&self) -> Option<f64> {
        (self.comparisons > 0).then(|| self.false_verdicts as f64 / self.comparisons as f64)
    }

    /// Returns the largest true rate that is compatible with the result, at 95% (C. J. Clopper, E. S.
    /// Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    /// binomial", Biometrika 26, 1934).
    pub fn rate_at_most(&self) -> f64 {
        let others = self.comparisons - self.false_verdicts;
        let distribution = Beta::new(self.false_verdicts as f64 + 1.0, others as f64);
        distribution.map_or(1.0, |beta| beta.inverse_cdf(0.95))
    }
}
