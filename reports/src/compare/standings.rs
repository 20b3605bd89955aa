//! Who is ahead while a study runs.

use super::criteria::Criteria;
use super::family::{keys, leading_metrics};
use super::metric::Metric;
use super::ranking::{by_figure, most_blocks};
use crate::study::Study;

/// The strategies of a scenario in the order of their figures so far. It says nothing of whether they
/// can be told apart: verdicts are for the end of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Its leading metric.
    pub metric: Metric,
    /// Strategies with their figures, the best first; at least one.
    pub figures: Vec<(&'a str, f64)>,
}

/// Returns the standing in each scenario in which a strategy has a figure, in the order of the plan. A
/// strategy with less than half of the valid blocks of another has no rank.
pub fn standings<'a>(study: &'a Study, criteria: &Criteria) -> Vec<Standing<'a>> {
    let keys: Vec<&str> = keys(study).collect();
    let metrics = leading_metrics(study, criteria);
    let standings = metrics.iter().map(|scenario_metric| {
        let mut figures = by_figure(study, &keys, scenario_metric);
        let most = most_blocks(&figures);
        // While a block runs, some strategies have one block less than others.
        figures.retain(|(_, figure)| 2 * figure.blocks >= most);
        let figures = figures.into_iter();
        Standing {
            scenario: scenario_metric.name(),
            metric: scenario_metric.metric(),
            figures: figures.map(|(key, spread)| (key, spread.mean)).collect(),
        }
    });
    standings
        .filter(|standing| !standing.figures.is_empty())
        .collect()
}
