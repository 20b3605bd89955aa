//! A/A: strategies against themselves.

use statrs::distribution::{Beta, ContinuousCDF};

use super::comparison::Verdict;
use super::criteria::Criteria;
use super::study::{keys, pairs};
use crate::study::Study;

/// Stands between the key of a strategy and the number of its twin: `single#1`, `single#2`.
pub const TWIN_MARK: char = '#';

/// Verdicts where there is nothing to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FalseVerdicts {
    /// Comparisons of a strategy with itself.
    pub comparisons: usize,
    /// Those of them that ended in *better* or *worse*.
    pub false_verdicts: usize,
}

/// Compares the twins of a study, each strategy with itself, by the very machinery that compares
/// strategies.
pub fn false_verdicts(study: &Study, criteria: &Criteria) -> FalseVerdicts {
    let compared = pairs(study, &twins(study), criteria);
    let is_false = |verdict| verdict != Verdict::NoDifferenceShown;
    FalseVerdicts {
        comparisons: compared.len(),
        false_verdicts: compared.iter().filter(|c| is_false(c.verdict)).count(),
    }
}

/// The key without the number of a twin.
pub fn stem(key: &str) -> &str {
    key.rsplit_once(TWIN_MARK).map_or(key, |(stem, _)| stem)
}

/// Pairs of keys that are the same strategy.
pub(super) fn twins(study: &Study) -> Vec<(&str, &str)> {
    let keys: Vec<&str> = keys(study).collect();
    let pairs = keys.iter().enumerate().flat_map(|(position, a)| {
        let later = keys[position + 1..].iter();
        later.filter(|b| stem(a) == stem(b)).map(move |b| (*a, *b))
    });
    pairs.collect()
}

impl FalseVerdicts {
    /// Their share; `None` without a comparison.
    pub fn rate(&self) -> Option<f64> {
        (self.comparisons > 0).then(|| self.false_verdicts as f64 / self.comparisons as f64)
    }

    /// The largest true rate that is compatible with what was seen, at 95% (C. J. Clopper, E. S.
    /// Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    /// binomial", Biometrika 26, 1934).
    pub fn rate_at_most(&self) -> f64 {
        let others = self.comparisons - self.false_verdicts;
        let distribution = Beta::new(self.false_verdicts as f64 + 1.0, others as f64);
        distribution.map_or(1.0, |beta| beta.inverse_cdf(0.95))
    }
}
