//! How much of its plan a study has carried out.

use serde::Serialize;

use crate::study::Study;
use crate::units;

/// How much of its plan a study has carried out: an interrupted study is a shorter study, and
/// every report of it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completeness<'a> {
    /// Trials that were recorded.
    pub trials: usize,
    /// Trials that were planned.
    pub planned: usize,
    /// The scenarios that have fewer trials than planned.
    pub incomplete: Vec<Incomplete<'a>>,
}

/// A scenario with fewer trials than planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incomplete<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Its trials that were recorded.
    pub trials: usize,
    /// Its trials that were planned.
    pub planned: usize,
    /// Keys of the strategies that have no trial in it, in the order of the plan.
    pub without: Vec<&'a str>,
}

/// Compares the trials of a study with its plan.
pub fn completeness(study: &Study) -> Completeness<'_> {
    let plan = &study.header.plan;
    let planned = plan.strategies.len() * plan.blocks as usize;
    let scenarios = plan.scenarios.iter().map(|scenario| {
        let here: Vec<&str> = study
            .trials
            .iter()
            .filter(|trial| trial.scenario == scenario.name)
            .map(|trial| trial.strategy.as_str())
            .collect();
        let strategies = plan.strategies.iter().map(|strategy| strategy.key.as_str());
        Incomplete {
            scenario: &scenario.name,
            trials: here.len(),
            planned,
            without: strategies.filter(|key| !here.contains(key)).collect(),
        }
    });
    Completeness {
        trials: study.trials.len(),
        planned: planned * plan.scenarios.len(),
        incomplete: scenarios
            .filter(|scenario| scenario.trials < planned)
            .collect(),
    }
}

impl Completeness<'_> {
    /// What a reader must know, one sentence each; none of a study that was carried out.
    pub fn sentences(&self) -> Vec<String> {
        if self.incomplete.is_empty() {
            return Vec::new();
        }
        let (trials, planned) = (self.trials, units::plural(self.planned, "trial"));
        let whole = format!(
            "this study has {trials} of {planned}; `evenkeel run --resume` with its folder goes on"
        );
        let parts = self.incomplete.iter().map(Incomplete::sentence);
        std::iter::once(whole).chain(parts).collect()
    }
}

impl Incomplete<'_> {
    fn sentence(&self) -> String {
        let planned = units::plural(self.planned, "trial");
        let whole = format!("{} has {} of {planned}", self.scenario, self.trials);
        if self.without.is_empty() || self.trials == 0 {
            return whole;
        }
        format!("{whole}, and none of {}", self.without.join(", "))
    }
}
