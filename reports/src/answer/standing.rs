//! Where a strategy stands under a scenario.

use serde::Serialize;

use crate::compare::{Comparison, Direction, Metric, Ranked, Verdict};
use crate::stats::Interval;

/// Where a strategy stands next to the leader of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It leads: it has the best figure.
    Best,
    /// It cannot be told apart from the leader.
    Tied,
    /// It was behind so far, but that is not shown: the interval of its ratio to the leader lies beyond the
    /// margin and, with too few blocks for an interval, every block does.
    Behind,
    /// It is shown to be worse than the leader.
    Worse,
    /// The data do not say: it has no block in common with the leader, or is much worse on average in blocks that
    /// differ too much to tell.
    Open,
}

/// How many times as bad as the leader is much worse: the same load then takes a quarter more machines, or
/// users wait a quarter longer.
pub(super) const FAR: f64 = 1.25;

/// A strategy under a scenario, next to the leader.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place<'a> {
    /// Key of the strategy.
    pub strategy: &'a str,
    /// Where it stands.
    pub standing: Standing,
    /// Its figure over that of the leader; absent for the leader, and without a common block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<Behind>,
}

/// A strategy that has its figure in too few blocks for a rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Few<'a> {
    /// Key of the strategy.
    pub strategy: &'a str,
    /// Valid blocks with the figure.
    pub blocks: usize,
    /// Its figure over that of the leader; absent without a common block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<Behind>,
}

impl<'a> Few<'a> {
    pub(super) fn of(one: &Ranked<'a>) -> Few<'a> {
        Few {
            strategy: one.strategy,
            blocks: one.figure.blocks,
            behind: one.to_leader.as_ref().and_then(Behind::of),
        }
    }
}

/// A figure over that of the leader.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Behind {
    /// The metric.
    pub metric: Metric,
    /// Geometric mean over blocks.
    pub estimate: f64,
    /// Its confidence interval or, with too few blocks, the range of the blocks. Absent for one block.
    pub interval: Option<Interval>,
    /// Blocks in which both have the figure.
    pub blocks: usize,
    /// Blocks that a verdict takes, from what was seen so far; absent if there are enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks_needed: Option<usize>,
}

impl<'a> Place<'a> {
    /// Takes the comparison of a strategy (candidate) with the leader (baseline).
    pub(super) fn of(
        strategy: &'a str,
        to_leader: Option<&Comparison>,
        leads: bool,
        margin: f64,
    ) -> Place<'a> {
        let behind = to_leader.and_then(Behind::of);
        let standing = match behind {
            _ if leads => Standing::Best,
            _ if to_leader.is_some_and(|c| c.verdict == Verdict::Worse) => Standing::Worse,
            Some(behind) if behind.least_factor() > 1.0 + margin => Standing::Behind,
            Some(behind) if behind.factor() < FAR => Standing::Tied,
            _ => Standing::Open,
        };
        Place {
            strategy,
            standing,
            behind,
        }
    }

    /// Whether it is the leader or cannot be told apart from it.
    pub fn is_among_the_best(&self) -> bool {
        matches!(self.standing, Standing::Best | Standing::Tied)
    }

    /// Logarithm of how many times as bad as the leader it is.
    pub(super) fn log_factor(&self) -> Option<f64> {
        match (self.standing, self.behind) {
            (Standing::Best, _) => Some(0.0),
            (_, behind) => behind.map(|behind| behind.factor().ln()),
        }
    }
}

impl Behind {
    fn of(to_leader: &Comparison) -> Option<Behind> {
        let ratio = to_leader.ratio?;
        Some(Behind {
            metric: to_leader.metric,
            estimate: ratio.estimate,
            interval: ratio.interval,
            blocks: to_leader.blocks,
            blocks_needed: to_leader.blocks_needed,
        })
    }

    /// Between which values the ratio is, as far as that is known.
    pub(super) fn ends(&self) -> [f64; 2] {
        let known = self.interval.map(|interval| [interval.low, interval.high]);
        known.unwrap_or([self.estimate; 2])
    }

    /// How many times as bad as the leader it is on average.
    fn factor(&self) -> f64 {
        factor(self.metric, self.estimate)
    }

    /// How many times as bad as the leader it is at least.
    pub(super) fn least_factor(&self) -> f64 {
        let [low, high] = self.ends().map(|ratio| factor(self.metric, ratio));
        low.min(high)
    }

    /// Whether it rests on a confidence interval.
    pub(super) fn is_confident(&self) -> bool {
        self.interval
            .is_some_and(|interval| interval.is_confidence())
    }
}

/// How many times as bad a ratio to the leader is.
fn factor(metric: Metric, ratio: f64) -> f64 {
    match metric.better() {
        Direction::Down => ratio,
        Direction::Up => 1.0 / ratio,
    }
}
