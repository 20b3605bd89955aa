//! Which strategy has the best figure of a column.

use crate::record::LoopKind;
use crate::stats::{Figures, ScenarioSummary, Spread};

/// How the best figure of a column is found.
#[derive(Clone, Copy)]
pub(super) struct Best {
    pub(super) figure: fn(&Figures) -> Option<Spread>,
    /// The percentile that enough answers must support, if it is one.
    pub(super) quantile: Option<f64>,
    /// 1 if more is better, -1 if less is.
    sign: f64,
    /// Whether it is only for closed loops: in an open loop the schedule sets the throughput.
    only_closed: bool,
}

pub(super) const THROUGHPUT: Best = Best {
    figure: |f| f.throughput_rps,
    quantile: None,
    sign: 1.0,
    only_closed: true,
};
pub(super) const P50: Best = latency(|f| f.latency_p50_us, 0.5);
pub(super) const P99: Best = latency(|f| f.latency_p99_us, 0.99);
pub(super) const P999: Best = latency(|f| f.latency_p999_us, 0.999);

const fn latency(figure: fn(&Figures) -> Option<Spread>, quantile: f64) -> Best {
    Best {
        figure,
        quantile: Some(quantile),
        sign: -1.0,
        only_closed: false,
    }
}

impl Best {
    /// Returns the position of the strategy that was better in its worst block than every other in
    /// its best. There is none if ranges overlap, if a figure rests on one block or too few answers,
    /// or if there is nothing to compare with. Strategies with invalid figures or errors do not take
    /// part.
    pub(super) fn row(self, summary: &ScenarioSummary) -> Option<usize> {
        if self.only_closed && summary.scenario.loop_kind != LoopKind::Closed {
            return None;
        }
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
        let rank = |spread: &Spread| spread.mean * self.sign;
        let (row, _, best) = rivals
            .iter()
            .max_by(|a, b| rank(&a.2).total_cmp(&rank(&b.2)))?;
        let is_sound = |(_, figures, spread): &(usize, &Figures, Spread)| {
            spread.blocks > 1 && self.quantile.is_none_or(|q| figures.supports(q))
        };
        let is_clear = rivals
            .iter()
            .all(|(other, _, spread)| other == row || !spread.overlaps(best));
        (rivals.len() > 1 && rivals.iter().all(is_sound) && is_clear).then_some(*row)
    }
}
