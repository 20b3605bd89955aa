//! What it takes for a verdict.

use super::metric::Metric;
use crate::record::PlanRecord;
use crate::stats::student;

/// Fewest blocks that can give a verdict at 95%: six of six in the same direction happen by
/// luck in 2 of 64 cases, or 3%, five of five in 6%.
pub const MIN_BLOCKS: usize = 6;

/// More blocks than anyone will run: where they do not suffice, the question is hopeless.
pub const MOST_BLOCKS: usize = 10_000;

/// What the signed-rank test needs in place of each observation of the t test in normal noise
/// (J. L. Hodges, E. L. Lehmann, "The efficiency of some nonparametric competitors of the
/// t-test", Annals of Mathematical Statistics 27, 1956).
const RANK_TEST_NEEDS: f64 = std::f64::consts::PI / 3.0;

/// What it takes for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Criteria {
    /// Confidence of intervals and verdicts.
    pub level: f64,
    /// A ratio this close to 1 is no difference that matters: 0.02 is 2%.
    pub margin: f64,
    /// How far beyond the margin a true ratio is that a study should find.
    pub beyond: f64,
    /// In which share of studies it should be found.
    pub power: f64,
    /// What is judged otherwise.
    pub exceptions: Vec<Exception>,
}

/// A metric or scenario that is judged in its own way. Of several that fit and say something of
/// the margin, the last counts, and so for what is required.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exception {
    /// Name of the scenario; absent for all.
    pub scenario: Option<String>,
    /// The metric; absent for all.
    pub metric: Option<Metric>,
    /// The margin; absent if the usual one holds.
    pub margin: Option<Margin>,
    /// Whether a gate must be able to tell; absent if what is usual holds.
    pub required: Option<bool>,
}

/// What an exception says of a margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// Another one: 0.1 for 10%.
    Of(f64),
    /// There is none, as it is not to be compared at all.
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
    /// Those that a study was planned with.
    pub fn of(plan: &PlanRecord) -> Criteria {
        let usual = Criteria::default();
        Criteria {
            margin: plan.margin.unwrap_or(usual.margin),
            ..usual
        }
    }

    /// The margin for a metric of a scenario; `None` if it is not to be compared.
    pub fn margin_of(&self, scenario: &str, metric: Metric) -> Option<f64> {
        let said = self.exceptions_for(scenario, metric);
        match said.rev().find_map(|exception| exception.margin) {
            None => Some(self.margin),
            Some(Margin::Of(margin)) => Some(margin),
            Some(Margin::NotCompared) => None,
        }
    }

    /// Whether a gate must be able to tell how a metric of a scenario has changed. Usually it must
    /// where the metric leads in the scenario, and for what a request costs.
    pub fn requires(&self, scenario: &str, metric: Metric, leads: bool) -> bool {
        let said = self.exceptions_for(scenario, metric);
        let said = said.rev().find_map(|exception| exception.required);
        said.unwrap_or(leads || metric == Metric::CpuPerRequest)
    }

    /// The change for the worse that is found beyond such a margin: 0.05 for 5%.
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

    /// The probability of a false verdict that is allowed.
    pub(super) fn alpha(&self) -> f64 {
        1.0 - self.level
    }

    /// How many blocks it takes to find a change that is [`Criteria::beyond`] the margin, where
    /// log ratios spread by the standard deviation `spread` and are compared in a family of
    /// `comparisons`. [`MOST_BLOCKS`] stands for that many and more.
    ///
    /// The two quantiles of t that the error and the power allow must fit into the change
    /// (G. W. Snedecor, W. G. Cochran, "Statistical Methods", section on sample size); the whole
    /// family's correction is charged to each comparison, as Holm's first step does, and the
    /// signed-rank test its lesser efficiency.
    pub fn blocks_needed(&self, spread: f64, comparisons: usize) -> usize {
        let one_sided = self.alpha() / 2.0 / comparisons.max(1) as f64;
        let suffices = |blocks: usize| {
            let degrees = blocks as f64 - 1.0;
            let quantiles = student::quantile(1.0 - one_sided, degrees)
                + student::quantile(self.power, degrees);
            quantiles * spread * (RANK_TEST_NEEDS / blocks as f64).sqrt() <= self.beyond.ln_1p()
        };
        fewest(suffices).unwrap_or(MOST_BLOCKS)
    }
}

/// The smallest number of blocks, [`MIN_BLOCKS`] at least, that suffices, where all larger ones
/// do too.
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
