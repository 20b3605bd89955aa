//! Which of many strategies are highlighted where all are drawn into one plane.

use std::collections::BTreeSet;

use crate::palette::{COLORS, SeriesStyle};
use crate::record::LoopKind;
use crate::stats::{ScenarioSummary, StrategySummary};

/// Number of highlighted strategies: more curves than there are colours could not be followed.
const MOST: usize = COLORS.len();

/// The highlighted strategies of a scenario, by their positions.
///
/// A few strategies are all highlighted. Of many it is the best of each family, and then the best
/// of the others, by the metric that decides in the scenario.
pub(super) struct Highlight {
    strong: Vec<usize>,
}

impl Highlight {
    pub(super) fn of(summary: &ScenarioSummary) -> Highlight {
        let strategies = summary.strategies.iter();
        let mut ranked: Vec<_> = strategies.filter(|s| s.figures.is_some()).collect();
        let kind = summary.scenario.loop_kind;
        ranked.sort_by(|a, b| cost(a, kind).total_cmp(&cost(b, kind)));
        let mut seen = BTreeSet::new();
        let is_first = |s: &&StrategySummary| seen.insert(s.record.family().to_owned());
        let (first, others): (Vec<_>, Vec<_>) = ranked.into_iter().partition(is_first);
        let strong = first.into_iter().chain(others).take(MOST);
        Highlight {
            strong: strong.map(|s| s.style.position).collect(),
        }
    }

    /// Returns how a strategy is drawn in this chart.
    pub(super) fn style(&self, strategy: &StrategySummary) -> SeriesStyle {
        SeriesStyle {
            pale: !self.strong.contains(&strategy.style.position),
            ..strategy.style
        }
    }
}

/// Lower is better. Figures that may not be compared are worst.
fn cost(strategy: &StrategySummary, kind: LoopKind) -> f64 {
    let figures = strategy.figures.as_ref();
    let figure = figures.and_then(|figures| match kind {
        LoopKind::Closed => Some(-figures.throughput_rps?.mean),
        LoopKind::Open => Some(figures.latency_p99_us?.mean),
    });
    figure
        .filter(|_| !strategy.only_invalid())
        .unwrap_or(f64::INFINITY)
}

/// Returns the pale ones first, so that the highlighted ones are drawn above them.
pub(super) fn pale_first<T>(
    all: &[T],
    style: impl Fn(&T) -> SeriesStyle,
) -> impl Iterator<Item = &T> {
    let (pale, strong): (Vec<&T>, Vec<&T>) = all.iter().partition(|one| style(one).pale);
    pale.into_iter().chain(strong)
}
