//! Every scenario's strategies side by side.

use serde::Serialize;

use super::changes::ChangeFigures;
use super::defended::DefenceFigures;
use super::faults::FaultFigures;
use super::figures::Figures;
use super::remark::{self, Remark};
use super::system::differences;
use crate::palette::{self, SeriesStyle};
use crate::record::{Measured, ScenarioRecord, StrategyRecord, Trial};
use crate::study::Study;

/// The strategies of a study under one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioSummary<'a> {
    /// The scenario.
    pub scenario: &'a ScenarioRecord,
    /// All strategies, in the order of the plan.
    pub strategies: Vec<StrategySummary<'a>>,
    /// Number of trials.
    pub trials: usize,
    /// What a reader must know in addition to the figures, gravest first.
    pub remarks: Vec<Remark>,
}

/// Share of the measured time from which on a host counts as busy.
const OFTEN: f64 = 0.1;

/// One strategy under one scenario, over all blocks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategySummary<'a> {
    /// Key of the strategy.
    pub strategy: &'a str,
    #[serde(skip)]
    pub(crate) record: &'a StrategyRecord,
    #[serde(skip)]
    pub(crate) style: SeriesStyle,
    /// Number of skipped trials.
    pub skipped: usize,
    /// Number of failed trials.
    pub failed: usize,
    /// Number of invalid trials.
    pub invalid: usize,
    /// Number of valid trials.
    pub valid: usize,
    /// The trials behind `figures`: the valid ones or, if none is valid, the invalid ones.
    #[serde(skip)]
    pub used: Vec<&'a Measured>,
    /// All trials, in the order in which they ran.
    #[serde(skip)]
    pub(crate) trials: Vec<&'a Trial>,
    /// What the changes of its fleet did; absent if the scenario has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeFigures>,
    /// What its defences did; absent without defences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defences: Option<DefenceFigures>,
    /// What the faults of its fleet did; absent if the scenario has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<FaultFigures>,
    /// The figures; absent if nothing was measured, or no trial was run.
    pub figures: Option<Figures>,
    /// Of a peer: how it differs from evenkeel's own worker.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<&'a str>,
}

/// Returns the figures of a study, scenario by scenario in the order of the plan; scenarios without a
/// trial are left out.
pub fn summarize(study: &Study) -> Vec<ScenarioSummary<'_>> {
    let scenarios = study.header.plan.scenarios.iter();
    scenarios
        .map(|scenario| summarize_scenario(study, scenario))
        .filter(|summary| summary.trials > 0)
        .collect()
}

fn summarize_scenario<'a>(study: &'a Study, scenario: &'a ScenarioRecord) -> ScenarioSummary<'a> {
    let mut sorted: Vec<&Trial> = Vec::new();
    let mut strategies = Vec::new();
    let planned = &study.header.plan.strategies;
    let styles = palette::of_strategies(planned);
    for (strategy, style) in planned.iter().zip(styles) {
        let is_here = |t: &&Trial| t.scenario == scenario.name && t.strategy == strategy.key;
        let trials: Vec<&Trial> = study.trials.iter().filter(is_here).collect();
        strategies.push(StrategySummary::of(strategy, style, &trials));
        sorted.extend(trials);
    }
    ScenarioSummary {
        scenario,
        strategies,
        trials: sorted.len(),
        remarks: remark::gather(&sorted),
    }
}

impl<'a> StrategySummary<'a> {
    fn of(
        strategy: &'a StrategyRecord,
        style: SeriesStyle,
        trials: &[&'a Trial],
    ) -> StrategySummary<'a> {
        let measured = trials.iter().filter_map(|trial| trial.measured());
        let (valid, invalid): (Vec<_>, Vec<_>) = measured.partition(|m| m.valid);
        let (valid_count, invalid_count) = (valid.len(), invalid.len());
        let used = if valid.is_empty() { invalid } else { valid };
        StrategySummary {
            strategy: &strategy.key,
            record: strategy,
            style,
            skipped: trials.iter().filter(|t| t.skipped().is_some()).count(),
            failed: trials.iter().filter(|t| t.failed().is_some()).count(),
            invalid: invalid_count,
            valid: valid_count,
            defences: DefenceFigures::of(&used),
            figures: (!used.is_empty()).then(|| Figures::of(&used)),
            used,
            trials: trials.to_vec(),
            changes: ChangeFigures::of(trials),
            faults: FaultFigures::of(trials),
            differs: differences(trials.iter().filter_map(|t| t.peer.as_ref())),
        }
    }

    /// Whether there are figures, but only of invalid trials.
    pub fn only_invalid(&self) -> bool {
        self.valid == 0 && self.figures.is_some()
    }

    /// Measured time, and how much of it others disturbed, in seconds.
    pub(crate) fn disturbed_s(&self) -> (f64, f64) {
        let intervals = self.used.iter().flat_map(|trial| &trial.intervals);
        intervals.fold((0.0, 0.0), |(measured, disturbed), interval| {
            let is_disturbed = interval.is_disturbed() == Some(true);
            let here = if is_disturbed {
                interval.duration_s
            } else {
                0.0
            };
            (measured + interval.duration_s, disturbed + here)
        })
    }

    /// Whether others disturbed so much of the measured time that the figures may be off.
    pub(crate) fn is_disturbed(&self) -> bool {
        let (measured, disturbed) = self.disturbed_s();
        disturbed > OFTEN * measured
    }

    /// Why it cannot be ranked, in one word.
    pub(crate) fn why_not_ranked(&self) -> &'static str {
        match self {
            _ if self.only_invalid() => "invalid",
            _ if self.failed > 0 => "failed",
            _ if self.skipped > 0 => "skipped",
            _ if self.figures.is_some() => "too few",
            _ => "not run",
        }
    }

    /// Returns the key with the marks of the tables: `!` if the figures may not be compared, `†` if the
    /// peer is out of parity.
    pub(crate) fn marked(&self) -> String {
        let invalid = if self.only_invalid() { " !" } else { "" };
        let differs = if self.differs.is_empty() { "" } else { " †" };
        format!("{}{invalid}{differs}", self.strategy)
    }
}
