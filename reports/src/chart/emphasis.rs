//! Which of many strategies stand out where all are drawn into one plane.

use std::collections::BTreeSet;

use crate::palette::{COLORS, Look, family};
use crate::record::LoopKind;
use crate::stats::{ScenarioSummary, StrategySummary};

/// How many stand out: more curves than there are colours could not be followed.
const MOST: usize = COLORS.len();

/// The strategies of a scenario that stand out, by their positions.
///
/// All do where they are few. Of many, the best of each family does, and then the best of the
/// others, by what decides in the scenario.
pub(super) struct Emphasis {
    strong: Vec<usize>,
}

impl Emphasis {
    pub(super) fn of(summary: &ScenarioSummary) -> Emphasis {
        let strategies = summary.strategies.iter();
        let mut ranked: Vec<_> = strategies.filter(|s| s.figures.is_some()).collect();
        let kind = summary.scenario.loop_kind;
        ranked.sort_by(|a, b| badness(a, kind).total_cmp(&badness(b, kind)));
        let mut met = BTreeSet::new();
        let is_first = |s: &&StrategySummary| met.insert(family(s.strategy).to_owned());
        let (first, others): (Vec<_>, Vec<_>) = ranked.into_iter().partition(is_first);
        let strong = first.into_iter().chain(others).take(MOST);
        Emphasis {
            strong: strong.map(|s| s.look.position).collect(),
        }
    }

    /// How a strategy is drawn here.
    pub(super) fn look(&self, strategy: &StrategySummary) -> Look {
        Look {
            pale: !self.strong.contains(&strategy.look.position),
            ..strategy.look
        }
    }
}

/// The less the better; figures that may not be compared are worst.
fn badness(strategy: &StrategySummary, kind: LoopKind) -> f64 {
    let figures = strategy.figures.as_ref();
    let figure = figures.and_then(|figures| match kind {
        LoopKind::Closed => Some(-figures.throughput_rps?.median),
        LoopKind::Open => Some(figures.latency_p99_us?.median),
    });
    figure
        .filter(|_| !strategy.only_invalid())
        .unwrap_or(f64::INFINITY)
}

/// What is drawn, those first that stand back: the others lie above them.
pub(super) fn pale_first<T>(all: &[T], look: impl Fn(&T) -> Look) -> impl Iterator<Item = &T> {
    let (pale, strong): (Vec<&T>, Vec<&T>) = all.iter().partition(|one| look(one).pale);
    pale.into_iter().chain(strong)
}
