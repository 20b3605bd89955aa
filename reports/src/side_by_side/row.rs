//! A comparison with the figures that it compares.

use serde::Serialize;

use crate::compare::{Comparison, Criteria, leading_metric};
use crate::format::measures::unit;
use crate::study::Study;

/// A comparison with the figures that it compares.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'a> {
    /// The comparison and its verdict.
    #[serde(flatten)]
    pub comparison: Comparison<'a>,
    /// Unit of both figures.
    pub unit: &'static str,
    /// Whether a gate requires a decision.
    pub required: bool,
    /// The change for the worse that a gate requires to be ruled out: 0.05 for 5%.
    pub rule_out: f64,
    /// Whether it is ruled out: the interval does not reach it.
    pub ruled_out: bool,
    /// Number of blocks that ruling it out takes if nothing has changed, given the spread so far.
    pub blocks_to_rule_out: usize,
}

impl<'a> Row<'a> {
    /// `study` is that of the baseline.
    pub(super) fn of(comparison: Comparison<'a>, study: &Study, criteria: &Criteria) -> Row<'a> {
        let (scenario, metric) = (comparison.scenario, comparison.metric);
        let margin = criteria.margin_of(scenario, metric);
        let rule_out = criteria.found_beyond(margin.unwrap_or(criteria.margin));
        Row {
            unit: unit(metric),
            required: criteria.requires(scenario, metric, leads(study, &comparison)),
            rule_out,
            ruled_out: comparison.rules_out(rule_out),
            blocks_to_rule_out: comparison.blocks_to_rule_out(rule_out, criteria),
            comparison,
        }
    }
}

/// Whether the metric of a comparison decides in its scenario.
fn leads(study: &Study, comparison: &Comparison) -> bool {
    let mut scenarios = study.header.plan.scenarios.iter();
    let scenario = scenarios.find(|scenario| scenario.name == comparison.scenario);
    scenario.and_then(|scenario| leading_metric(study, scenario)) == Some(comparison.metric)
}
