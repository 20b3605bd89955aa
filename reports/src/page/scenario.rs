//! The section of a scenario.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::judged::Judged;
use super::{change, figure, figures, table, value};
use crate::chart::{RatioScope, Scope, charts};
use crate::compare::{Comparison, Metric};
use crate::error::RenderError;
use crate::stats::ScenarioSummary;
use crate::study::Study;
use crate::table::Mark;
use crate::topic::{changes, costs, defences, faults, sentences, summary};

/// Returns the values of the section. `is_of_sweep` says that the scenario is one load of several.
pub(super) fn of(
    study: &Study,
    summary: &ScenarioSummary,
    judged: &Judged,
    is_of_sweep: bool,
) -> Result<Value, RenderError> {
    let scenario = summary.scenario;
    let name = &scenario.name;
    let mark = |strategy: &str, metric: Metric| mark(judged.with_leader(name, strategy, metric)?);
    let table_of_figures = summary::table(summary, &mark);
    let remarks = sentences::remarks(summary);
    let standing = judged
        .standing(name)
        .filter(|s| s.rivals().next().is_some());
    let costs = costs::table(summary);
    let defences = defences::table(summary);
    let changes = changes::tables(study, summary).into_iter();
    let changes = changes.map(|one| table(&one, &format!("{} under {name}", one.title)));
    Ok(context! {
        name => name.as_str(),
        summary => scenario.summary.as_str(),
        conditions => sentences::conditions(summary, &study.header.plan),
        table => table(&table_of_figures, &format!("Figures of {name}")),
        leader => standing.map(|standing| context! {
            key => standing.leader().strategy,
            metric => standing.metric.name(),
        }),
        notes => value(remarks),
        costs => costs.map(|costs| table(&costs, &format!("Costs of {name}"))),
        defences => defences.map(|one| table(&one, &format!("{} under {name}", one.title))),
        defences_legend => defences::LEGEND,
        changes => changes.collect::<Vec<_>>(),
        faults => faults::table(study, summary).map(|one| table(&one, &format!("Faults under {name}"))),
        faults_legend => value(faults::legend(study, summary)),
        changes_legend => value(changes::legend(study, summary)),
        is_of_sweep,
        charts => figures(Scope::Scenario(summary))?,
        ratios => ratios(summary, judged)?,
        has_no_intervals => has_no_intervals(summary),
        toml => scenario.toml.as_str(),
    })
}

/// How a strategy compares with the leader; `None` if no difference is shown.
fn mark(comparison: &Comparison) -> Option<Mark> {
    let by = comparison.ratio.map_or(String::new(), |ratio| {
        let (estimate, interval) = change::changes(ratio);
        let interval = interval.map_or(String::new(), |interval| format!(" ({interval})"));
        format!(" {estimate}{interval}")
    });
    Mark::of(comparison.verdict, |word| {
        let metric = comparison.metric.name();
        format!("{word} than {} in {metric}{by}", comparison.baseline)
    })
}

/// Returns each chart of ratios with a choice of baselines.
fn ratios(summary: &ScenarioSummary, judged: &Judged) -> Result<Vec<Vec<Value>>, RenderError> {
    let mut by_name: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (baseline, comparisons) in judged.baselines(&summary.scenario.name) {
        let scope = RatioScope {
            summary,
            comparisons,
            baseline,
        };
        for chart in charts(Scope::Ratios(scope))? {
            let choice = context! { choice => baseline, chart => figure(&chart) };
            by_name.entry(chart.info.name).or_default().push(choice);
        }
    }
    Ok(by_name.into_values().collect())
}

/// Whether charts over time are missing since the record has no intervals.
fn has_no_intervals(summary: &ScenarioSummary) -> bool {
    let used = || summary.strategies.iter().flat_map(|s| &s.used);
    used().next().is_some() && used().all(|trial| trial.intervals.is_empty())
}
