//! What could not be compared, since one side lacks it.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::compare::{ByBlock, Criteria, Metric, leading_metric};
use crate::format::clean;
use crate::record::ScenarioRecord;
use crate::study::Study;

/// One of two sides, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The left one, A.
    Baseline,
    /// The right one, B.
    Candidate,
    /// Neither has it.
    Both,
}

/// Something that one side has and the other lacks, or that both lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The side that lacks it.
    pub lacks: Side,
    /// What it lacks, such as `strategy single`.
    pub what: String,
    /// Whether a gate requires a decision.
    pub required: bool,
}

impl Gap {
    /// Whether it may hide a regression. What only the candidate has is new.
    pub(super) fn is_doubt(&self) -> bool {
        self.required && self.lacks != Side::Baseline
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = clean(&self.what);
        match self.lacks {
            Side::Baseline => write!(f, "Not compared: A lacks {what}, which B has."),
            Side::Candidate => write!(f, "Not compared: B lacks {what}, which A has."),
            Side::Both => write!(f, "Not compared: A and B lack {what}."),
        }
    }
}

/// Returns what one of two studies has and the other lacks.
pub(super) fn between(baseline: &Study, candidate: &Study, criteria: &Criteria) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (here, there, lacks) in [
        (baseline, candidate, Side::Candidate),
        (candidate, baseline, Side::Baseline),
    ] {
        let missing = names(here).filter(|what| names(there).all(|other| other != *what));
        gaps.extend(missing.map(|what| Gap {
            lacks,
            what,
            required: true,
        }));
    }
    for scenario in &baseline.header.plan.scenarios {
        for strategy in &baseline.header.plan.strategies {
            let strategy = strategy.key.as_str();
            let [a, b] = [baseline, candidate].map(|study| Trials {
                study,
                scenario,
                strategy,
            });
            if b.are_planned() {
                gaps.extend(figures(&a, &b, criteria));
            }
        }
    }
    gaps
}

/// Returns what a strategy of a study or its baseline lacks, of pairs of (baseline, candidate).
pub(super) fn within(study: &Study, pairs: &[(&str, &str)], criteria: &Criteria) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for scenario in &study.header.plan.scenarios {
        for (baseline, candidate) in pairs {
            let trials = |strategy| Trials {
                study,
                scenario,
                strategy,
            };
            gaps.extend(figures(&trials(baseline), &trials(candidate), criteria));
        }
    }
    gaps
}

/// Strategies and scenarios of a plan.
fn names(study: &Study) -> impl Iterator<Item = String> {
    let plan = &study.header.plan;
    let strategies = plan.strategies.iter().map(|s| ("strategy", &s.key));
    let scenarios = plan.scenarios.iter().map(|s| ("scenario", &s.name));
    let both = strategies.chain(scenarios);
    both.map(|(what, name)| format!("{what} {name}"))
}

struct Trials<'a> {
    study: &'a Study,
    scenario: &'a ScenarioRecord,
    strategy: &'a str,
}

impl Trials<'_> {
    fn are_planned(&self) -> bool {
        let plan = &self.study.header.plan;
        let mut scenarios = plan.scenarios.iter();
        scenarios.any(|s| s.name == self.scenario.name)
            && plan.strategies.iter().any(|s| s.key == self.strategy)
    }

    fn all(&self) -> impl Iterator<Item = &crate::Trial> {
        let trials = self.study.trials.iter();
        trials.filter(|t| t.scenario == self.scenario.name && t.strategy == self.strategy)
    }

    /// Blocks with a valid trial that has the figure or, without a metric, with any valid trial.
    fn blocks_with(&self, metric: Option<Metric>) -> BTreeSet<u32> {
        let Some(metric) = metric else {
            let valid = self.all().filter(|trial| trial.valid().is_some());
            return valid.map(|trial| trial.block).collect();
        };
        let figures = ByBlock::of(self.study, &self.scenario.name, self.strategy, metric);
        figures.blocks().collect()
    }

    /// Whether this host does not meet the requirements of the strategy.
    fn are_skipped(&self) -> bool {
        self.all().next().is_some() && self.all().all(|trial| trial.skipped().is_some())
    }

    fn lack(&self, lacks: Side, figure: &str, required: bool) -> Gap {
        let (strategy, scenario) = (self.strategy, &self.scenario.name);
        Gap {
            lacks,
            what: format!("{figure} of {strategy} under {scenario}"),
            required,
        }
    }
}

/// Returns the figures that only one of two has; one gap for all if it has no valid trial.
fn figures(a: &Trials, b: &Trials, criteria: &Criteria) -> Vec<Gap> {
    if a.are_skipped() && b.are_skipped() {
        return Vec::new();
    }
    if let Some(all) = gap(a, b, None, true) {
        return vec![all];
    }
    let (scenario, leading) = (a.scenario, leading_metric(a.study, a.scenario));
    let metrics = Metric::ALL.into_iter().filter(|metric| {
        metric.applies_to(scenario.loop_kind)
            && criteria.margin_of(&scenario.name, *metric).is_some()
    });
    metrics
        .filter_map(|metric| {
            let required = criteria.requires(&scenario.name, metric, leading == Some(metric));
            gap(a, b, Some(metric), required)
        })
        .collect()
}

/// Returns why a figure cannot be compared: one side lacks it or, where it is required, both sides
/// lack it or have it in no common block.
fn gap(a: &Trials, b: &Trials, metric: Option<Metric>, required: bool) -> Option<Gap> {
    let figure = metric.map_or("a valid trial", Metric::name);
    let (of_a, of_b) = (a.blocks_with(metric), b.blocks_with(metric));
    let is_paired = std::ptr::eq(a.study, b.study);
    match (of_a.is_empty(), of_b.is_empty()) {
        (false, true) => Some(b.lack(Side::Candidate, figure, required)),
        (true, false) => Some(a.lack(Side::Baseline, figure, required)),
        (true, true) => required.then(|| b.lack(Side::Both, figure, required)),
        (false, false) if is_paired && of_a.is_disjoint(&of_b) => {
            let common = format!("a common block with {figure}");
            Some(b.lack(Side::Both, &common, required))
        }
        (false, false) => None,
    }
}
