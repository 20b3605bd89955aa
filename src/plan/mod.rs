//! What a study will do, resolved and checked before anything starts.

mod check;
mod contestant;
mod error;
mod goal;
mod order;
mod ports;
mod resolve;
mod seed;
mod show;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::toml_file;
use evenkeel_reports::compare::Criteria;
use evenkeel_reports::{PlanRecord, ScenarioRecord};
use evenkeel_strategies::{catalog, policy};

pub(crate) use check::{policy_options, process_count};
pub(crate) use contestant::Contestant;
pub(crate) use error::PlanError;
pub(crate) use goal::Goal;
pub(crate) use order::Cell;
pub(crate) use resolve::{default_workers, resolve};
pub(crate) use seed::derive;

use crate::executable::Build;
use crate::machine::{CpuSet, Machine};
use crate::scenario::Scenario;

/// What a study will do.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Strategies in the order of the catalogue; in an A/A study each as two twins, and
    /// once for each of several builds.
    pub(crate) strategies: Vec<Contestant>,
    /// Recipes of further strategies.
    pub(crate) peers: Vec<PathBuf>,
    /// Builds that serve, the first as the baseline; none if this program does.
    pub(crate) builds: Vec<Arc<Build>>,
    /// Scenarios in the order in which they were asked for.
    pub(crate) scenarios: Vec<Scenario>,
    /// How many times every trial is repeated; at least, where there is a goal.
    pub(crate) blocks: u32,
    /// What decides on further blocks; `None` if there are none.
    pub(crate) goal: Option<Goal>,
    /// A ratio this close to 1 is no difference that matters: 0.02 is 2%.
    pub(crate) margin: f64,
    /// Workers per fleet.
    pub(crate) workers: NonZeroUsize,
    /// Dispatcher processes per fleet, where the mechanism has any.
    pub(crate) dispatchers: NonZeroUsize,
    /// What is ordered of policies that take orders.
    pub(crate) policy: policy::Options,
    /// Measured time per trial.
    pub(crate) duration: Duration,
    /// Load before the measured time.
    pub(crate) warmup: Duration,
    /// Seed of the order of trials, of arrivals and of work.
    pub(crate) seed: u64,
    /// CPUs of dispatchers and workers.
    pub(crate) server_cpus: CpuSet,
    /// CPUs of the load threads, one thread each.
    pub(crate) load_cpus: CpuSet,
    /// Whether all of these CPUs are kept from sleeping.
    pub(crate) keep_awake: bool,
}

/// What a trial takes besides its load: starting a fleet, letting its last requests end, and
/// stopping it. Measured on a machine of 4 cores; it is for the expected time only.
const OVERHEAD_PER_TRIAL: Duration = Duration::from_millis(50);

/// The same of another system, in the middle of those that are built in: from half a second of nginx
/// to some three of pm2 and of servers on Python. Measured on 2 cores.
const OVERHEAD_PER_TRIAL_OF_A_PEER: Duration = Duration::from_secs(1);

impl Plan {
    /// How many trials there are in all; at least, where there is a goal.
    pub(crate) fn trials(&self) -> usize {
        self.trials_per_block() * self.blocks as usize
    }

    /// How many trials a block has.
    pub(crate) fn trials_per_block(&self) -> usize {
        self.strategies.len() * self.scenarios.len()
    }

    /// How long a block will take.
    pub(crate) fn time_per_block(&self) -> Duration {
        self.time_for(self.trials_per_block())
    }

    /// How long one trial will take, in the mean of all strategies.
    pub(crate) fn time_per_trial(&self) -> Duration {
        let overhead = |contestant: &Contestant| match contestant.strategy.peer() {
            Some(_) => OVERHEAD_PER_TRIAL_OF_A_PEER,
            None => OVERHEAD_PER_TRIAL,
        };
        let overheads: Duration = self.strategies.iter().map(overhead).sum();
        let strategies = self.strategies.len().max(1) as u32;
        self.warmup + self.duration + overheads / strategies
    }

    /// How long so many trials will take.
    pub(crate) fn time_for(&self, trials: usize) -> Duration {
        self.time_per_trial().mul_f64(trials as f64)
    }

    /// The plan as the record keeps it.
    pub(crate) fn record(&self) -> PlanRecord {
        let strategies = self.strategies.iter().map(Contestant::record);
        let workers = self.workers.get();
        PlanRecord {
            strategies: strategies.collect(),
            peers: self
                .peers
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            executables: self.builds.iter().map(|build| build.record()).collect(),
            scenarios: self
                .scenarios
                .iter()
                .map(|scenario| scenario.record(workers))
                .collect(),
            blocks: self.blocks,
            precision: self.goal.map(|goal| goal.precision),
            max_time_s: self.goal.map(|goal| goal.max_time.as_secs_f64()),
            margin: Some(self.margin),
            workers: workers as u32,
            dispatchers: self.dispatchers.get() as u32,
            max_in_flight: unusual(self.policy.max_in_flight.get(), 1),
            weights: self
                .policy
                .weights
                .iter()
                .map(|weight| u32::from(weight.get()))
                .collect(),
            duration_s: self.duration.as_secs_f64(),
            warmup_s: self.warmup.as_secs_f64(),
            seed: self.seed,
            server_cpus: self.server_cpus.to_vec(),
            load_cpus: self.load_cpus.to_vec(),
            keep_awake: self.keep_awake,
        }
    }

    /// The plan of a record, to go on with it on this machine.
    ///
    /// # Errors
    /// [`PlanError`] if this version or this machine cannot carry it out.
    pub(crate) fn from_record(record: &PlanRecord, machine: &Machine) -> Result<Self, PlanError> {
        let builds = record.executables.iter().map(Build::recorded);
        let builds: Vec<_> = builds
            .map(|build| build.map(Arc::new))
            .collect::<Result<_, _>>()?;
        let known = catalog::with_peers(&record.peers)?;
        let plan = Self {
            strategies: Contestant::recorded(&record.strategies, &known, &builds)?,
            peers: record.peers.iter().map(PathBuf::from).collect(),
            builds,
            scenarios: record
                .scenarios
                .iter()
                .map(recorded)
                .collect::<Result<_, _>>()?,
            blocks: record.blocks,
            goal: Goal::recorded(record.precision, record.max_time_s)?,
            margin: Criteria::of(record).margin,
            workers: process_count("--workers", record.workers)?,
            dispatchers: process_count("--dispatchers", record.dispatchers)?,
            policy: policy_options(record.max_in_flight, &record.weights, record.workers)?,
            duration: recorded_span(record.duration_s)?,
            warmup: recorded_span(record.warmup_s)?,
            seed: record.seed,
            server_cpus: record.server_cpus.iter().copied().collect(),
            load_cpus: record.load_cpus.iter().copied().collect(),
            keep_awake: record.keep_awake,
        };
        plan.check(machine)?;
        Ok(plan)
    }
}

/// What is worth a word.
fn unusual<T: PartialEq>(value: T, usual: T) -> Option<T> {
    (value != usual).then_some(value)
}

fn recorded_span(seconds: f64) -> Result<Duration, PlanError> {
    Duration::try_from_secs_f64(seconds).map_err(|_| PlanError::RecordedSpan(seconds))
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
