//! Waits of strategies beside queueing theory, over all blocks.

use super::{ScenarioSummary, StrategySummary};
use crate::bound::way_to_ideal;
use crate::record::{Expected, Formula, Latency, Scatter, Stationary, Theory, Waiting};

/// How many standard deviations luck is granted. A study has a dozen of such figures, and of normal
/// ones three in a thousand lie beyond; at the usual two it would be one in every other study.
const LUCK: f64 = 3.0;

/// The waits of a strategy beside theory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BesideTheory<'a> {
    /// The strategy.
    pub strategy: &'a StrategySummary<'a>,
    /// Its mean wait.
    pub mean: Beside,
    /// The 99th percentile of its waits.
    pub p99: Beside,
    /// What its waits ought to be, if theory says that.
    pub expected: Option<Expected>,
}

/// A figure of the waits beside what theory says of it, microseconds; each the mean over blocks,
/// since theory speaks of means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// Measured.
    pub measured: f64,
    /// Every request at the worker that served it, by the recursion.
    pub as_served: Option<f64>,
    /// One queue for all workers, by the recursion.
    pub common_queue: f64,
    /// Every request sent to a worker by chance, by the recursion.
    pub random_split: f64,
    /// The closed formula of what the waits ought to be.
    pub formula: Option<Interval>,
    /// How far luck may take one draw of the random split from all of them.
    pub luck: Option<f64>,
}

/// What a closed formula says, and how far figures of so many windows may be off by luck alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Of an endless stream.
    pub value: f64,
    /// So far luck may take a study as long as this one.
    pub error: f64,
}

/// A figure of a distribution of waits, and the same of how it scatters.
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

/// The strategies of a scenario whose waits stand beside theory in every trial that counts.
pub fn beside_theory<'a>(summary: &'a ScenarioSummary) -> Vec<BesideTheory<'a>> {
    let strategies = summary.strategies.iter();
    strategies.filter_map(BesideTheory::of).collect()
}

impl<'a> BesideTheory<'a> {
    fn of(strategy: &'a StrategySummary) -> Option<BesideTheory<'a>> {
        let waits = strategy.used.iter().map(|m| m.waiting_us.as_ref());
        let waits: Vec<&Waiting> = waits.collect::<Option<_>>()?;
        Some(BesideTheory {
            strategy,
            mean: Beside::of(&waits, MEAN)?,
            p99: Beside::of(&waits, P99)?,
            expected: waits[0].expected,
        })
    }
}

impl Beside {
    fn of(waits: &[&Waiting], pick: Pick) -> Option<Beside> {
        let over_blocks = |which: fn(&Waiting) -> Option<Latency>| {
            mean(waits.iter().map(|w| Some((pick.of_waits)(&which(w)?))))
        };
        let theory = waits.first()?.expected.map(|expected| expected.theory);
        Some(Beside {
            measured: over_blocks(|w| Some(w.measured))?,
            as_served: over_blocks(|w| w.as_served),
            common_queue: over_blocks(|w| Some(w.common_queue))?,
            random_split: over_blocks(|w| Some(w.random_split))?,
            formula: theory.and_then(|theory| formula(waits, theory, pick)),
            luck: error(
                waits
                    .iter()
                    .map(|w| Some((pick.of_scatter)(&w.random_split_scatter?))),
            ),
        })
    }

    /// By the recursion. Of a random split it is the one that the strategy's own draws made, so
    /// that a testbed is not judged by luck; [`holds`](Self::holds) also judges the draws.
    pub fn theory(&self, theory: Theory) -> f64 {
        match theory {
            Theory::CommonQueue => self.common_queue,
            Theory::RandomSplit => self.as_served.unwrap_or(self.random_split),
        }
    }

    /// How many times as long as theory says; `None` where it says that nobody waits.
    pub fn ratio(&self, theory: Theory) -> Option<f64> {
        over(self.measured, self.theory(theory))
    }

    /// How many times as long as the same requests would have waited at the same workers.
    pub fn ratio_as_served(&self) -> Option<f64> {
        over(self.measured, self.as_served?)
    }

    /// Whether it [is near](Self::is_near) to theory and, of a random split, its draws are such as
    /// chance makes.
    pub fn holds(&self, expected: Expected) -> bool {
        self.is_near(expected)
            && match expected.theory {
                Theory::CommonQueue => true,
                Theory::RandomSplit => self.is_such_as_chance_makes(),
            }
    }

    /// Whether it is as near to theory as it ought to be.
    pub fn is_near(&self, expected: Expected) -> bool {
        self.ratio(expected.theory)
            .is_some_and(|ratio| (ratio - 1.0).abs() <= expected.within)
    }

    fn is_such_as_chance_makes(&self) -> bool {
        match (self.as_served, self.luck) {
            (Some(drawn), Some(luck)) => (drawn - self.random_split).abs() <= luck,
            _ => true,
        }
    }

    /// How far on the way from a random split to the common queue.
    pub fn way(&self) -> Option<f64> {
        way_to_ideal(self.measured, self.random_split, self.common_queue)
    }
}

impl Interval {
    /// Whether a figure is no farther from the formula than luck makes it.
    pub fn holds(&self, measured: f64) -> bool {
        (measured - self.value).abs() <= self.error
    }
}

fn formula(waits: &[&Waiting], theory: Theory, pick: Pick) -> Option<Interval> {
    let stationary = |waits: &Waiting| {
        let Formula {
            common_queue,
            random_split,
            ..
        } = waits.formula?;
        Some(match theory {
            Theory::CommonQueue => common_queue,
            Theory::RandomSplit => random_split,
        })
    };
    let all = || waits.iter().map(|waits| stationary(waits));
    Some(Interval {
        value: mean(all().map(|one| Some((pick.of_formula)(&one?))))?,
        error: error(all().map(|one| Some((pick.of_scatter)(&one?.scatter))))?,
    })
}

fn over(measured: f64, theory: f64) -> Option<f64> {
    (theory > 0.0).then(|| measured / theory)
}

/// The mean over blocks; `None` unless all have the figure.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// How far the mean over blocks may be off, from the standard deviation of each block.
fn error(deviations: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let deviations: Vec<f64> = deviations.collect::<Option<_>>()?;
    let variance: f64 = deviations.iter().map(|deviation| deviation.powi(2)).sum();
    (!deviations.is_empty()).then(|| LUCK * variance.sqrt() / deviations.len() as f64)
}
