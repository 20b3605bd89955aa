//! What a verdict requires.

use super::metric::Metric;
use crate::record::PlanRecord;
use crate::stats::{MIN_BLOCKS, student};

/// More blocks than anyone will run.
pub const MOST_BLOCKS: usize = 10_000;

/// Observations that the signed-rank test needs per observation of the t test in normal noise
/// (J. L. Hodges, E. L. Lehmann, "The efficiency of some nonparametric competitors of the
/// t-test", Annals of Mathematical Statistics 27, 1956).
const RANK_TEST_NEEDS: f64 = std::f64::consts::PI / 3.0;

/// What it takes for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Criteria {
    /// Confidence of intervals and verdicts.
    pub level: f64,
    /// Differences up to the margin do not matter: 0.02 is 2%.
    pub margin: f64,
    /// How far beyond the margin a true ratio must be for a study to find it.
    pub beyond: f64,
    /// Share of studies that should find it.
    pub power: f64,
    /// Metrics or scenarios with criteria of their own.
    pub exceptions: Vec<Exception>,
}

/// A metric or scenario with criteria of its own. Of several that match and set the margin, the last
/// counts; likewise for `required`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exception {
    /// Name of the scenario; absent for all.
    pub scenario: Option<String>,
    /// The metric; absent for all.
    pub metric: Option<Metric>,
    /// The margin; absent for the usual one.
    pub margin: Option<Margin>,
    /// Whether a gate requires a decision; absent for the usual rule.
    pub required: Option<bool>,
}

/// The margin of an exception.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// Another one: 0.1 for 10%.
    Of(f64),
    /// It is not compared at all.
    NotCompared,
}

impl Default for Criteria {
    /// 95% confidence, a margin of 2%, and a true change of 5% found in nine studies of ten.
    fn default() -> Criteria {
        Criteria {
            level: 0.95,
            margin: 0.02,
            beyond: 1.05 / 1.02 - 1.0,
            power: 0.9,
            exceptions: Vec::new(),
        }
    }
}

impl Criteria {
    /// Returns the criteria of a plan.
    pub fn of(plan: &PlanRecord) -> Criteria {
        let usual = Criteria::default();
        Criteria {
            margin: plan.margin.unwrap_or(usual.margin),
            ..usual
        }
    }

    /// Returns the margin for a metric of a scenario; `None` if it is not compared.
    pub fn margin_of(&self, scenario: &str, metric: Metric) -> Option<f64> {
        let exceptions = self.exceptions_for(scenario, metric);
        match exceptions.rev().find_map(|exception| exception.margin) {
            None => Some(self.margin),
            Some(Margin::Of(margin)) => Some(margin),
            Some(Margin::NotCompared) => None,
        }
    }

    /// Whether a gate requires a decision on a metric of a scenario. Usually it does for the metric that
    /// leads in the scenario, and for the cost of a request.
    pub fn requires(&self, scenario: &str, metric: Metric, leads: bool) -> bool {
        let exceptions = self.exceptions_for(scenario, metric);
        let required = exceptions.rev().find_map(|exception| exception.required);
        required.unwrap_or(leads || metric == Metric::CpuPerRequest)
    }

    /// Returns the change for the worse that is found beyond a margin: 0.05 for 5%.
    pub fn found_beyond(&self, margin: f64) -> f64 {
        (1.0 + margin) * (1.0 + self.beyond) - 1.0
    }

    fn exceptions_for(
        &self,
        scenario: &str,
        metric: Metric,
    ) -> impl DoubleEndedIterator<Item = &Exception> {
        self.exceptions.iter().filter(move |exception| {
            exception.scenario.as_deref().is_none_or(|s| s == scenario)
                && exception.metric.is_none_or(|m| m == metric)
        })
    }

    /// Returns the allowed probability of a false verdict.
    pub(crate) fn alpha(&self) -> f64 {
        1.0 - self.level
    }

    /// Returns the number of blocks needed to find a change that is [`Criteria::beyond`] the margin, if
    /// log ratios have the standard deviation `spread` and are compared in a family of `comparisons`;
    /// at most [`MOST_BLOCKS`].
    ///
    /// So many standard errors must fit into the change (G. W. Snedecor, W. G. Cochran, "Statistical
    /// Methods", section on sample size), with the lesser efficiency of the signed-rank test.
    pub fn blocks_needed(&self, spread: f64, comparisons: usize) -> usize {
        let suffices = |blocks: usize| {
            let error = spread * (RANK_TEST_NEEDS / blocks as f64).sqrt();
            self.errors_away(blocks, comparisons) * error <= self.beyond.ln_1p()
        };
        fewest(suffices).unwrap_or(MOST_BLOCKS)
    }

    /// Returns how many standard errors of that many blocks a true ratio must be beyond the margin to be
    /// found in a family of `comparisons`: the two quantiles of t that the error and the power
    /// allow, with the whole family's correction charged to each, as Holm's first step does.
    pub(super) fn errors_away(&self, blocks: usize, comparisons: usize) -> f64 {
        let one_sided = self.alpha() / 2.0 / comparisons.max(1) as f64;
        let degrees = blocks as f64 - 1.0;
        student::quantile(1.0 - one_sided, degrees) + student::quantile(self.power, degrees)
    }
}

/// Returns the smallest number of blocks, at least [`MIN_BLOCKS`], that suffices, if all larger
/// numbers do too.
pub(super) fn fewest(suffices: impl Fn(usize) -> bool) -> Option<usize> {
    let doublings = std::iter::successors(Some(MIN_BLOCKS), |blocks| Some(2 * blocks));
    let mut high = doublings
        .take_while(|blocks| *blocks <= MOST_BLOCKS)
        .find(|blocks| suffices(*blocks))?;
    let mut low = (high / 2 + 1).max(MIN_BLOCKS);
    while low < high {
        let middle = usize::midpoint(low, high);
        if suffices(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}
