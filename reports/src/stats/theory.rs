//! Waits of strategies compared with queueing theory, over all blocks.

use super::{ScenarioSummary, StrategySummary};
use crate::bound::way_to_ideal;
use crate::record::{Expected, Latency, Scatter, Stationary, Theory, Waiting};

/// Number of standard deviations that are attributed to chance. A study has a dozen such figures; of
/// normal ones three in a thousand lie beyond, while at the usual two it would be one in every other
/// study.
const DEVIATIONS: f64 = 3.0;

/// The waits of a strategy, compared with theory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaitComparison<'a> {
    /// The strategy.
    pub strategy: &'a StrategySummary<'a>,
    /// Its mean wait.
    pub mean: WaitFigure,
    /// The 99th percentile of its waits.
    pub p99: WaitFigure,
    /// The theory that its waits should follow, if there is one.
    pub expected: Option<Expected>,
}

/// A figure of the waits and its predictions, microseconds; each is the mean over blocks, since
/// theory is about means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaitFigure {
    /// Measured.
    pub measured: f64,
    /// Every request at the worker that served it, by the recursion.
    pub as_served: Option<f64>,
    /// One queue for all workers, by the recursion.
    pub common_queue: f64,
    /// Every request sent to a random worker, by the recursion.
    pub random_split: f64,
    /// The closed formula of the theory that the waits should follow.
    pub formula: Option<FormulaValue>,
    /// How far one draw of the random split may be from their mean by chance.
    pub chance: Option<f64>,
}

/// The result of a closed formula, and its sampling error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FormulaValue {
    /// For an endless stream, microseconds.
    pub value: f64,
    /// How far a study of this length may be off by chance, microseconds.
    pub error: f64,
}

/// How a figure is taken from a distribution of waits, and its standard deviation.
#[derive(Clone, Copy)]
struct Pick {
    of_waits: fn(&Latency) -> f64,
    of_formula: fn(&Stationary) -> f64,
    of_scatter: fn(&Scatter) -> f64,
}

const MEAN: Pick = Pick {
    of_waits: |waits| waits.mean,
    of_formula: |formula| formula.mean,
    of_scatter: |scatter| scatter.mean,
};

const P99: Pick = Pick {
    of_waits: |waits| waits.p99,
    of_formula: |formula| formula.p99,
    of_scatter: |scatter| scatter.p99,
};

/// Compares waits with theory, for the strategies of a scenario whose trials all have waits.
pub fn compare_waits<'a>(summary: &'a ScenarioSummary) -> Vec<WaitComparison<'a>> {
    let strategies = summary.strategies.iter();
    strategies.filter_map(WaitComparison::of).collect()
}

impl<'a> WaitComparison<'a> {
    fn of(strategy: &'a StrategySummary) -> Option<WaitComparison<'a>> {
        let waits = strategy.used.iter().map(|m| m.waiting_us.as_ref());
        let waits: Vec<&Waiting> = waits.collect::<Option<_>>()?;
        Some(WaitComparison {
            strategy,
            mean: WaitFigure::of(&waits, MEAN)?,
            p99: WaitFigure::of(&waits, P99)?,
            expected: waits[0].expected,
        })
    }
}

impl WaitFigure {
    fn of(waits: &[&Waiting], pick: Pick) -> Option<WaitFigure> {
        let over_blocks = |which: fn(&Waiting) -> Option<Latency>| {
            mean(waits.iter().map(|w| Some((pick.of_waits)(&which(w)?))))
        };
        let theory = waits.first()?.expected.map(|expected| expected.theory);
        let scatters = waits.iter().map(|w| w.random_split_scatter);
        Some(WaitFigure {
            measured: over_blocks(|w| Some(w.measured))?,
            as_served: over_blocks(|w| w.as_served),
            common_queue: over_blocks(|w| Some(w.common_queue))?,
            random_split: over_blocks(|w| Some(w.random_split))?,
            formula: theory.and_then(|theory| formula(waits, theory, pick)),
            chance: error(scatters.map(|scatter| Some((pick.of_scatter)(&scatter?)))),
        })
    }

    /// Returns the prediction by the recursion. For a random split it uses the choices that the
    /// strategy made, so that chance does not count against a testbed; [`holds`](Self::holds) also
    /// checks the choices.
    pub fn theory(&self, theory: Theory) -> f64 {
        match theory {
            Theory::CommonQueue => self.common_queue,
            Theory::RandomSplit => self.as_served.unwrap_or(self.random_split),
        }
    }

    /// Measured over predicted; `None` if theory predicts no wait.
    pub fn ratio(&self, theory: Theory) -> Option<f64> {
        over(self.measured, self.theory(theory))
    }

    /// Measured over the predicted wait of the same requests at the same workers.
    pub fn ratio_as_served(&self) -> Option<f64> {
        over(self.measured, self.as_served?)
    }

    /// Whether it [is near](Self::is_near) to theory and, for a random split, its choices are as
    /// uneven as random ones.
    pub fn holds(&self, expected: Expected) -> bool {
        self.is_near(expected)
            && match expected.theory {
                Theory::CommonQueue => true,
                Theory::RandomSplit => self.is_random(),
            }
    }

    /// Whether it is as near to theory as expected.
    pub fn is_near(&self, expected: Expected) -> bool {
        self.ratio(expected.theory)
            .is_some_and(|ratio| (ratio - 1.0).abs() <= expected.within)
    }

    fn is_random(&self) -> bool {
        match (self.as_served, self.chance) {
            (Some(drawn), Some(chance)) => (drawn - self.random_split).abs() <= chance,
            _ => true,
        }
    }

    /// Returns the position between a random split (0) and the common queue (1).
    pub fn way(&self) -> Option<f64> {
        way_to_ideal(self.measured, self.random_split, self.common_queue)
    }
}

impl FormulaValue {
    /// Whether a figure is no farther from the formula than its sampling error.
    pub fn holds(&self, measured: f64) -> bool {
        (measured - self.value).abs() <= self.error
    }
}

fn formula(waits: &[&Waiting], theory: Theory, pick: Pick) -> Option<FormulaValue> {
    let stationary = |waits: &Waiting| {
        let formula = waits.formula?;
        Some(match theory {
            Theory::CommonQueue => formula.common_queue,
            Theory::RandomSplit => formula.random_split,
        })
    };
    let all = || waits.iter().map(|waits| stationary(waits));
    Some(FormulaValue {
        value: mean(all().map(|one| Some((pick.of_formula)(&one?))))?,
        error: error(all().map(|one| Some((pick.of_scatter)(&one?.scatter))))?,
    })
}

fn over(measured: f64, theory: f64) -> Option<f64> {
    (theory > 0.0).then(|| measured / theory)
}

/// Returns the mean over blocks; `None` unless all have the figure.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns the error of the mean over blocks, from the standard deviation of each block.
fn error(deviations: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let deviations: Vec<f64> = deviations.collect::<Option<_>>()?;
    let variance: f64 = deviations.iter().map(|deviation| deviation.powi(2)).sum();
    (!deviations.is_empty()).then(|| DEVIATIONS * variance.sqrt() / deviations.len() as f64)
}
