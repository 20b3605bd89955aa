//! Whether the blocks of a study show that a comparison is true, or that it is not.

use super::link::{Link, What};
use super::observed::Observed;
use super::predicate::Sign;
use crate::compare::{Criteria, Evidence};
use crate::stats::{Interval, Sample};
use crate::study::Study;

/// A comparison with what the blocks of a study say.
#[derive(Debug)]
pub(super) struct Weighed<'p> {
    pub(super) link: Link<'p>,
    pub(super) observed: Observed,
    /// By how much each block is beyond the bound, on the scale of the comparison.
    beyond: Vec<f64>,
    evidence: Option<Evidence>,
}

/// What is shown of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    True,
    False,
    Neither,
}

impl<'p> Weighed<'p> {
    pub(super) fn of(link: Link<'p>, study: &Study, scenario: &str) -> Weighed<'p> {
        let observed = Observed::of(link.what, study, scenario);
        let bound = link.forward(link.bound);
        let values = observed.values.iter();
        let beyond: Vec<f64> = values.map(|value| link.forward(*value) - bound).collect();
        Weighed {
            evidence: Sample::new(beyond.clone()).map(Evidence::paired),
            link,
            observed,
            beyond,
        }
    }

    /// Returns the probability that chance puts the blocks this far from the bound, before its correction for
    /// the number of comparisons; `None` if nothing has to be shown, or can be.
    pub(super) fn p(&self) -> Option<f64> {
        let is_open = self.observed.lacks.is_none() && self.without_a_test().is_none();
        let evidence = self.evidence.as_ref().filter(|_| is_open)?;
        Some(evidence.p_by_size(0.0))
    }

    /// Returns what is shown, given the probability after its correction.
    pub(super) fn shown(&self, p: Option<f64>, criteria: &Criteria) -> Shown {
        if self.observed.lacks.is_some() {
            return Shown::Neither;
        }
        let is_beyond = |evidence: &&Evidence| {
            p.is_some_and(|p| p <= criteria.alpha()) && evidence.p_by_rank(0.0) <= criteria.alpha()
        };
        let tested = || match self.evidence.as_ref().filter(is_beyond) {
            Some(evidence) => self.link.sign.judge(evidence.mean),
            None => Shown::Neither,
        };
        self.without_a_test().unwrap_or_else(tested)
    }

    /// Returns what is shown without a test: if every block is at the bound, or if a figure cannot be beyond
    /// it on the other side, so that a single block decides.
    fn without_a_test(&self) -> Option<Shown> {
        let sum: f64 = self.beyond.iter().sum();
        let figure = self.link.what.single();
        let is_at_its_end = figure.is_some_and(|figure| figure.metric.ends_at(self.link.bound));
        let is_level = self.beyond.iter().all(|beyond| *beyond == 0.0);
        (is_level || is_at_its_end).then(|| self.link.sign.judge(sum))
    }

    /// Returns the mean of what was measured; `None` without any.
    pub(super) fn estimate(&self) -> Option<f64> {
        let values = &self.observed.values;
        let sum: f64 = values.iter().map(|value| self.link.forward(*value)).sum();
        let mean = self.link.back(sum / values.len() as f64);
        (!values.is_empty()).then_some(mean)
    }

    /// Returns its confidence interval or, of too few blocks, their range; `None` of fewer than two.
    pub(super) fn interval(&self) -> Option<Interval> {
        let values = self.observed.values.iter();
        let values: Vec<f64> = values.map(|value| self.link.forward(*value)).collect();
        let interval = Interval::of(&values)?.map(|end| self.link.back(end));
        Some(interval.holding(self.estimate()?))
    }
}

impl Sign {
    /// What is shown if something is known to be this far beyond the bound.
    fn judge(self, beyond: f64) -> Shown {
        let is_true = match beyond == 0.0 {
            true => self.allows_equal(),
            false => self.is_upward() == (beyond > 0.0),
        };
        if is_true { Shown::True } else { Shown::False }
    }
}

impl Link<'_> {
    fn forward(&self, value: f64) -> f64 {
        if self.is_of_ratios() {
            value.ln()
        } else {
            value
        }
    }

    fn back(&self, value: f64) -> f64 {
        let value = if self.is_of_ratios() {
            value.exp()
        } else {
            value
        };
        match self.what {
            What::Side(_) => self
                .what
                .single()
                .map_or(value, |it| it.metric.clamp(value)),
            What::Ratio(..) | What::Difference(..) => value,
        }
    }
}
