//! Figures under the names that programs know, the same in every format for programs.

use crate::compare::Metric;
use crate::stats::{ScenarioSummary, Spread, StrategySummary, summarize};
use crate::study::Study;
use crate::units;

pub(super) struct Case<'a> {
    pub(super) scenario: &'a str,
    pub(super) strategy: &'a str,
    pub(super) summary: StrategySummary<'a>,
    /// Valid trials only.
    pub(super) measures: Vec<Measure>,
}

pub(super) struct Measure {
    pub(super) metric: Metric,
    pub(super) spread: Spread,
}

impl Case<'_> {
    /// `SCENARIO/STRATEGY`.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.scenario, self.strategy)
    }

    /// A figure of each valid trial that has it, block by block.
    pub(super) fn values(&self, metric: Metric) -> impl Iterator<Item = f64> {
        values(&self.summary, metric)
    }
}

pub(super) fn cases(study: &Study) -> Vec<Case<'_>> {
    summarize(study).into_iter().flat_map(of_scenario).collect()
}

fn of_scenario(summary: ScenarioSummary<'_>) -> impl Iterator<Item = Case<'_>> {
    let scenario = summary.scenario;
    summary.strategies.into_iter().map(move |strategy| {
        let metrics = Metric::ALL
            .into_iter()
            .filter(|m| m.applies_to(scenario.loop_kind));
        let measures = metrics.filter_map(|metric| {
            let spread = Spread::of(values(&strategy, metric), metric.scale())?;
            Some(Measure { metric, spread })
        });
        Case {
            scenario: &scenario.name,
            strategy: strategy.strategy,
            measures: measures.collect(),
            summary: strategy,
        }
    })
}

fn values(strategy: &StrategySummary, metric: Metric) -> impl Iterator<Item = f64> {
    let valid = || {
        strategy
            .used
            .iter()
            .copied()
            .filter(|measured| measured.valid)
    };
    let is_supported = metric.is_supported(valid());
    let values = valid().filter_map(move |measured| metric.of(measured));
    values.filter(move |_| is_supported)
}

/// Unit of a metric's figure in formats for programs; an index has none.
pub(crate) fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Throughput => "requests/s",
        Metric::P50 | Metric::P99 | Metric::P999 => "us",
        Metric::CpuPerRequest => "us/request",
        Metric::Fairness => "",
    }
}

pub(super) fn is_in(study: &Study, scenario: &str, metric: Metric) -> bool {
    let mut scenarios = study.header.plan.scenarios.iter();
    scenarios.any(|s| s.name == scenario && metric.applies_to(s.loop_kind))
}

/// A figure with its unit, as people read it.
pub(crate) fn shown(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Throughput => units::count(value),
        Metric::P50 | Metric::P99 | Metric::P999 | Metric::CpuPerRequest => units::duration(value),
        Metric::Fairness => format!("{value:.3}"),
    }
}
