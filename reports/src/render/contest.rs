//! In which columns of a table one strategy stands out, and which one.

use crate::record::LoopKind;
use crate::stats::{Figures, ScenarioSummary, Spread};

/// A column in which one strategy may be better than all others.
pub(super) struct Contest {
    pub(super) column: usize,
    figure: fn(&Figures) -> Option<Spread>,
    /// The percentile that must be supported by enough answers, if it is one.
    quantile: Option<f64>,
    /// 1 if more is better, -1 if less is.
    sign: f64,
}

/// In an open loop the schedule sets the throughput, so nobody wins there.
pub(super) fn contests(loop_kind: LoopKind) -> impl Iterator<Item = Contest> {
    let throughput = Contest {
        column: 1,
        figure: |f| f.throughput_rps,
        quantile: None,
        sign: 1.0,
    };
    let latency = |column, figure, quantile| Contest {
        column,
        figure,
        quantile: Some(quantile),
        sign: -1.0,
    };
    let closed = loop_kind == LoopKind::Closed;
    closed.then_some(throughput).into_iter().chain([
        latency(3, |f| f.latency_p50_us, 0.5),
        latency(4, |f| f.latency_p99_us, 0.99),
        latency(5, |f| f.latency_p999_us, 0.999),
    ])
}

impl Contest {
    /// The strategy that was better in its worst block than every other in its best. Nobody, if
    /// ranges overlap, a figure rests on one block or too few answers, or it has no rival; and
    /// nobody whose figures are invalid or who answered with errors.
    pub(super) fn winner(&self, summary: &ScenarioSummary) -> Option<usize> {
        let rivals: Vec<(usize, &Figures, Spread)> = summary
            .strategies
            .iter()
            .enumerate()
            .filter(|(_, strategy)| strategy.valid > 0)
            .filter_map(|(row, strategy)| {
                let figures = strategy.figures.as_ref()?;
                Some((row, figures, (self.figure)(figures)?))
            })
            .filter(|(_, figures, _)| figures.error_count() == 0)
            .collect();
        let rank = |spread: &Spread| spread.median * self.sign;
        let (row, _, best) = rivals
            .iter()
            .max_by(|a, b| rank(&a.2).total_cmp(&rank(&b.2)))?;
        let is_sound = |(_, figures, spread): &(usize, &Figures, Spread)| {
            spread.blocks > 1 && self.quantile.is_none_or(|q| figures.supports(q))
        };
        let stands_apart = rivals
            .iter()
            .all(|(other, _, spread)| other == row || !spread.overlaps(best));
        (rivals.len() > 1 && rivals.iter().all(is_sound) && stands_apart).then_some(*row)
    }
}
