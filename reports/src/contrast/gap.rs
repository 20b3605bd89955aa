//! What could not be compared.

use std::fmt;

use serde::Serialize;

use crate::compare::{Criteria, Metric};
use crate::record::ScenarioRecord;
use crate::render::clean;
use crate::study::Study;

/// One of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left one, A.
    Baseline,
    /// The right one, B.
    Candidate,
}

/// Something that one side has and the other lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The side that lacks it.
    pub lacks: Side,
    /// What it lacks, such as `strategy single`.
    pub what: String,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lacks, has) = match self.lacks {
            Side::Baseline => ("A", "B"),
            Side::Candidate => ("B", "A"),
        };
        write!(
            f,
            "Not compared: {lacks} lacks {}, which {has} has.",
            clean(&self.what)
        )
    }
}

/// What one of two studies has and the other lacks.
pub(super) fn between(baseline: &Study, candidate: &Study, criteria: &Criteria) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (here, there, lacks) in [
        (baseline, candidate, Side::Candidate),
        (candidate, baseline, Side::Baseline),
    ] {
        for what in names(here) {
            if !names(there).contains(&what) {
                gaps.push(Gap { lacks, what });
            }
        }
    }
    for scenario in &baseline.header.plan.scenarios {
        for strategy in &baseline.header.plan.strategies {
            let a = Trials::of(baseline, scenario, &strategy.key);
            let b = Trials::of(candidate, scenario, &strategy.key);
            if b.are_planned() {
                gaps.extend(figures(&a, &b, criteria));
            }
        }
    }
    gaps
}

/// What a strategy of a study or the one that it is held against lacks.
pub(super) fn within(
    study: &Study,
    baseline: &str,
    candidates: &[&str],
    criteria: &Criteria,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for scenario in &study.header.plan.scenarios {
        let baseline = Trials::of(study, scenario, baseline);
        for candidate in candidates {
            let candidate = Trials::of(study, scenario, candidate);
            gaps.extend(figures(&baseline, &candidate, criteria));
        }
    }
    gaps
}

/// Strategies and scenarios of a plan.
fn names(study: &Study) -> Vec<String> {
    let plan = &study.header.plan;
    let strategies = plan
        .strategies
        .iter()
        .map(|s| format!("strategy {}", s.key));
    let scenarios = plan
        .scenarios
        .iter()
        .map(|s| format!("scenario {}", s.name));
    strategies.chain(scenarios).collect()
}

/// The trials of a strategy under a scenario.
struct Trials<'a> {
    study: &'a Study,
    scenario: &'a ScenarioRecord,
    strategy: &'a str,
}

impl<'a> Trials<'a> {
    fn of(study: &'a Study, scenario: &'a ScenarioRecord, strategy: &'a str) -> Trials<'a> {
        Trials {
            study,
            scenario,
            strategy,
        }
    }

    fn are_planned(&self) -> bool {
        let plan = &self.study.header.plan;
        let mut scenarios = plan.scenarios.iter();
        scenarios.any(|s| s.name == self.scenario.name)
            && plan.strategies.iter().any(|s| s.key == self.strategy)
    }

    /// Whether a valid trial has the figure, or, without a metric, whether there is any.
    fn have(&self, metric: Option<Metric>) -> bool {
        let trials = self.study.trials.iter();
        trials
            .filter(|t| t.scenario == self.scenario.name && t.strategy == self.strategy)
            .filter_map(|t| t.measured.as_ref().filter(|m| m.valid))
            .any(|m| metric.is_none_or(|metric| metric.of(m).is_some()))
    }

    fn lack(&self, lacks: Side, figure: &str) -> Gap {
        let (strategy, scenario) = (self.strategy, &self.scenario.name);
        Gap {
            lacks,
            what: format!("{figure} of {strategy} under {scenario}"),
        }
    }
}

/// The figures that only one of two has: all at once where it has no valid trial.
fn figures(a: &Trials, b: &Trials, criteria: &Criteria) -> Vec<Gap> {
    let gap = |metric: Option<Metric>, figure: &str| match (a.have(metric), b.have(metric)) {
        (true, false) => Some(b.lack(Side::Candidate, figure)),
        (false, true) => Some(a.lack(Side::Baseline, figure)),
        _ => None,
    };
    if let Some(all) = gap(None, "a valid trial") {
        return vec![all];
    }
    let asked = Metric::ALL.into_iter().filter(|metric| {
        metric.applies_to(a.scenario.loop_kind)
            && criteria.margin_of(&a.scenario.name, *metric).is_some()
    });
    asked
        .filter_map(|metric| gap(Some(metric), metric.name()))
        .collect()
}
