//! A comparison with the figures that it compares.

use serde::Serialize;

use crate::compare::Comparison;
use crate::render::measures::unit;
use crate::stats::Spread;
use crate::study::Study;

/// A comparison with the figures that it compares.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'a> {
    /// What was compared, and what it has shown.
    #[serde(flatten)]
    pub comparison: Comparison<'a>,
    /// The baseline's figure over its valid trials.
    pub baseline_figure: Option<Spread>,
    /// The candidate's.
    pub candidate_figure: Option<Spread>,
    /// Unit of both.
    pub unit: &'static str,
}

impl<'a> Row<'a> {
    pub(super) fn of(comparison: Comparison<'a>, a: &Study, b: &Study) -> Row<'a> {
        Row {
            baseline_figure: spread(a, &comparison, comparison.baseline),
            candidate_figure: spread(b, &comparison, comparison.candidate),
            unit: unit(comparison.metric),
            comparison,
        }
    }
}

fn spread(study: &Study, comparison: &Comparison, strategy: &str) -> Option<Spread> {
    let is_it = |t: &&crate::Trial| t.scenario == comparison.scenario && t.strategy == strategy;
    let valid = study.trials.iter().filter(is_it).filter_map(|trial| {
        let measured = trial.measured.as_ref();
        measured.filter(|measured| measured.valid)
    });
    Spread::of(valid.filter_map(|measured| comparison.metric.of(measured)))
}
