//! What a study does, resolved and checked before anything starts.

mod check;
mod contestant;
mod defences;
mod error;
mod expectations;
mod extend;
mod order;
mod ports;
mod resolve;
mod seed;
mod show;
mod time;

use std::num::NonZeroUsize;
use std::sync::Arc;

use evenkeel_common::toml_file;
use evenkeel_reports::{Extension, PlanRecord, ScenarioRecord};
use evenkeel_strategies::catalog;
use serde_json::json;

pub(crate) use contestant::Contestant;
pub(crate) use error::PlanError;
pub(crate) use order::Cell;
pub(crate) use resolve::resolve;
pub(crate) use seed::derive;

use crate::config::StudyConfig;
use crate::executable::Build;
use crate::machine::Machine;
use crate::scenario::{Hit, Scenario};
use crate::values::path_of_text;

/// What a study does.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Contestants in the order of the catalogue: strategies, in an A/A study with a copy each,
    /// with several builds or variants of the fleet once with each.
    pub(crate) contestants: Vec<Contestant>,
    /// Builds that serve, the first as the baseline; none if this program serves.
    pub(crate) builds: Vec<Arc<Build>>,
    /// Scenarios in the requested order.
    pub(crate) scenarios: Vec<Scenario>,
    /// How the plan grew when the study was resumed.
    pub(crate) extensions: Vec<Extension>,
    pub(crate) config: StudyConfig,
}

impl Plan {
    /// Number of trials; with a goal, the least.
    pub(crate) fn trials(&self) -> usize {
        self.trials_per_block() * self.config.blocks as usize
    }

    /// Returns the fleet as the faults of a scenario hit it: the same workers in each trial.
    pub(crate) fn hit(&self, scenario: &Scenario) -> Hit {
        Hit {
            workers: self.workers(scenario).get(),
            dispatchers: self.config.fleet.dispatchers.get(),
            seed: derive(self.config.seed, "faults", 0),
        }
    }

    pub(crate) fn trials_per_block(&self) -> usize {
        self.contestants.len() * self.scenarios.len()
    }

    /// Key of the strategy and name of the scenario of a trial.
    pub(crate) fn names(&self, cell: Cell) -> (&str, &str) {
        let strategy = &self.contestants[cell.strategy].key;
        (strategy, &self.scenarios[cell.scenario].name)
    }

    /// Returns with how many workers fleets start under a scenario.
    pub(crate) fn workers(&self, scenario: &Scenario) -> NonZeroUsize {
        scenario.workers(self.config.fleet.workers)
    }

    /// Returns the plan as the record stores it.
    pub(crate) fn record(&self) -> PlanRecord {
        let contestants = self.contestants.iter().map(Contestant::record);
        let builds = self.builds.iter().map(|build| build.record());
        let record = |scenario: &Scenario| scenario.record(self.workers(scenario).get());
        let scenarios = self.scenarios.iter().map(record);
        let mut plan = json!(self.config);
        let command = self.config.fleet.command();
        plan["worker_command"] = json!(command.map(|command| command.to_string()));
        plan["strategies"] = json!(contestants.collect::<Vec<_>>());
        plan["executables"] = json!(builds.collect::<Vec<_>>());
        plan["extensions"] = json!(self.extensions);
        plan["scenarios"] = json!(scenarios.collect::<Vec<_>>());
        serde_json::from_value(plan).expect("the configuration is the rest of the record")
    }

    /// Returns the plan of a record, to resume its study on this machine.
    ///
    /// # Errors
    /// [`PlanError`] if this version or this machine cannot carry it out.
    pub(crate) fn from_record(record: &PlanRecord, machine: &Machine) -> Result<Self, PlanError> {
        let builds = record.executables.iter().map(Build::recorded);
        let builds: Vec<_> = builds
            .map(|build| build.map(Arc::new))
            .collect::<Result<_, _>>()?;
        let recipes: Vec<_> = record.peers.iter().map(|it| path_of_text(it)).collect();
        let known = catalog::with_peers(&recipes)?;
        let scenarios = record.scenarios.iter().map(recorded);
        let config: StudyConfig =
            serde_json::from_value(json!(record)).map_err(PlanError::Record)?;
        let plan = Self {
            contestants: Contestant::recorded(
                &record.strategies,
                &known,
                &builds,
                &config.variants,
            )?,
            builds,
            scenarios: scenarios.collect::<Result<_, _>>()?,
            extensions: record.extensions.clone(),
            config,
        };
        plan.check(machine)?;
        Ok(plan)
    }
}

fn recorded(scenario: &ScenarioRecord) -> Result<Scenario, PlanError> {
    let path = format!("recorded scenario {}", scenario.name);
    let overrides = scenario.overrides.clone();
    let scenario: Scenario = toml_file::parse(&scenario.toml, path.as_ref())?;
    Ok(Scenario {
        overrides,
        ..scenario
    })
}

#[cfg(test)]
pub(crate) mod tests;
