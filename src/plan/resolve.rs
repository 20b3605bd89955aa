//! From settings to a plan: defaults are filled in, names become strategies and scenarios.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::toml_file::TomlError;
use evenkeel_reports::LoopKind;
use evenkeel_reports::compare::Criteria;
use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Strategy, catalog};

use super::{Contestant, Goal, Plan, PlanError, policy_options, process_count};
use crate::executable::Build;
use crate::machine::{CpuSet, Machine};
use crate::scenario::{self, Scenario};
use crate::settings::{DEFAULT_SEED, LoadOptions, Settings};

/// How thoroughly to measure where the settings do not say.
struct Pace {
    blocks: u32,
    duration: Duration,
    warmup: Duration,
}

/// A trial of 0.85 s, with what it takes besides its load: eight strategies under three
/// scenarios in about a minute, and every further one in eight seconds. Three blocks are the least that shows a spread.
const USUAL: Pace = Pace {
    blocks: 3,
    duration: Duration::from_millis(700),
    warmup: Duration::from_millis(100),
};

/// A trial of 0.35 s, and each only once.
const QUICK: Pace = Pace {
    blocks: 1,
    duration: Duration::from_millis(250),
    warmup: Duration::from_millis(50),
};

/// Fewer workers show little of how load is balanced, however few CPUs there are.
const LEAST_WORKERS: usize = 4;

/// Fills in defaults, resolves names, and checks everything that can be known beforehand.
///
/// # Errors
/// [`PlanError`] for the first thing that is wrong.
pub(crate) fn resolve(
    settings: Settings,
    quick: bool,
    machine: &Machine,
) -> Result<Plan, PlanError> {
    let pace = if quick { QUICK } else { USUAL };
    let goal = Goal::of(&settings)?;
    let builds = builds(&settings)?;
    let selected = strategies(&settings, &builds)?;
    let usual_blocks = match goal.is_some() || settings.aa {
        true => Goal::FEWEST_BLOCKS,
        false => pace.blocks,
    };
    let (server_cpus, load_cpus) = split_cpus(&settings, machine)?;
    let workers = settings
        .fleet
        .workers
        .unwrap_or_else(|| default_workers(&server_cpus));
    let plan = Plan {
        strategies: contestants(selected, &builds, settings.aa),
        peers: absolute(&settings.peers)?,
        builds,
        blocks: settings.blocks.unwrap_or(usual_blocks),
        goal,
        margin: settings
            .margin
            .map_or(Criteria::default().margin, |share| share.0),
        workers: process_count("--workers", workers)?,
        dispatchers: process_count("--dispatchers", settings.fleet.dispatchers.unwrap_or(1))?,
        policy: policy_options(
            settings.fleet.max_in_flight,
            &settings.fleet.weights,
            workers,
        )?,
        duration: settings.load.duration.unwrap_or(pace.duration),
        warmup: settings.load.warmup.unwrap_or(pace.warmup),
        seed: settings.seed.unwrap_or(DEFAULT_SEED),
        keep_awake: settings.keep_awake,
        scenarios: scenarios(settings)?,
        server_cpus,
        load_cpus,
    };
    plan.check(machine)?;
    Ok(plan)
}

/// The executables of the settings, looked at.
fn builds(settings: &Settings) -> Result<Vec<Arc<Build>>, PlanError> {
    let mut builds: Vec<Arc<Build>> = Vec::new();
    for executable in &settings.executables {
        if settings.aa {
            return Err(PlanError::TwinsOfBuilds);
        }
        if builds.iter().any(|build| build.label == executable.label) {
            return Err(PlanError::SameLabel(executable.label.clone()));
        }
        builds.push(Arc::new(executable.examine()?));
    }
    Ok(builds)
}

/// Where the recipes of the settings are, wherever the study goes on.
fn absolute(recipes: &[PathBuf]) -> Result<Vec<PathBuf>, TomlError> {
    let absolute = |path: &PathBuf| {
        std::path::absolute(path).map_err(|source| TomlError::Unreadable {
            path: path.clone(),
            source,
        })
    };
    recipes.iter().map(absolute).collect()
}

/// The strategies that are named, and the peers of the recipes that no name is of.
fn strategies(
    settings: &Settings,
    builds: &[Arc<Build>],
) -> Result<Vec<&'static dyn Strategy>, PlanError> {
    let known = catalog::with_peers(&settings.peers)?;
    let mut names = or_else_one(&settings.strategies, "core");
    for recipe in &settings.peers {
        let key = Peer::key_of(recipe)?;
        let variant = format!("{key}:");
        if !names.iter().any(|name| name.starts_with(&variant)) {
            names.push(key);
        }
    }
    let selected = catalog::select_among(&known, &names)?;
    match selected.iter().find(|strategy| strategy.peer().is_some()) {
        Some(peer) if !builds.is_empty() => Err(PlanError::PeerOfBuilds(peer.key().to_owned())),
        _ => Ok(selected),
    }
}

/// Who takes part: each strategy once, as two twins, or once per build.
fn contestants(
    strategies: Vec<&'static dyn Strategy>,
    builds: &[Arc<Build>],
    aa: bool,
) -> Vec<Contestant> {
    let enter = |strategy| match aa {
        true => Contestant::twins(strategy),
        false if builds.is_empty() => Contestant::alone(strategy),
        false => Contestant::per_build(strategy, builds),
    };
    strategies.into_iter().flat_map(enter).collect()
}

fn or_else_one(names: &[String], default: &str) -> Vec<String> {
    match names {
        [] => vec![default.to_owned()],
        names => names.to_owned(),
    }
}

fn scenarios(settings: Settings) -> Result<Vec<Scenario>, PlanError> {
    let names = match (&settings.scenarios[..], &settings.inline_scenarios[..]) {
        ([], [_, ..]) => Vec::new(),
        (names, _) => or_else_one(names, "default"),
    };
    let mut selected = scenario::select(&names)?;
    for inline in settings.inline_scenarios {
        scenario::add(&mut selected, inline)?;
    }
    adjust(&mut selected, &settings.load)?;
    Ok(selected)
}

fn adjust(scenarios: &mut [Scenario], load: &LoadOptions) -> Result<(), PlanError> {
    let has_open_loop = scenarios
        .iter()
        .any(|scenario| scenario.loop_kind == LoopKind::Open);
    if load.rate.is_some() && !has_open_loop {
        return Err(PlanError::RateWithoutOpenLoop);
    }
    for scenario in scenarios {
        if let Some(connections) = load.connections {
            scenario.order_connections(connections);
        }
        if let Some(rate_rps) = load.rate {
            scenario.order_rate(rate_rps);
        }
    }
    Ok(())
}

/// How many workers a fleet on these CPUs has where nobody says.
pub(crate) fn default_workers(cpus: &CpuSet) -> u32 {
    cpus.len().max(LEAST_WORKERS) as u32
}

impl Machine {
    /// The CPUs of a fleet without a study: those that are named, or the usual half.
    ///
    /// # Errors
    /// [`PlanError::NoSuchCpus`].
    pub(crate) fn server_cpus(&self, named: Option<&CpuSet>) -> Result<CpuSet, PlanError> {
        self.named_cpus("--server-cpus", named, |(servers, _)| servers)
    }

    /// The CPUs of load without a study: those that are named, or the other half.
    ///
    /// # Errors
    /// [`PlanError::NoSuchCpus`].
    pub(crate) fn load_cpus(&self, named: Option<&CpuSet>) -> Result<CpuSet, PlanError> {
        self.named_cpus("--load-cpus", named, |(_, load)| load)
    }

    fn named_cpus(
        &self,
        option: &'static str,
        named: Option<&CpuSet>,
        usual: fn((CpuSet, CpuSet)) -> CpuSet,
    ) -> Result<CpuSet, PlanError> {
        let Some(cpus) = named else {
            return Ok(usual(self.cpus.halves(self.core_of)));
        };
        self.check_cpus(option, cpus)?;
        Ok(cpus.clone())
    }
}

/// The CPUs of servers and of load, disjoint unless there is a single CPU.
fn split_cpus(settings: &Settings, machine: &Machine) -> Result<(CpuSet, CpuSet), PlanError> {
    let rest = |taken: &CpuSet, option, other| {
        machine.check_cpus(option, taken)?;
        let rest = machine.cpus.difference(taken);
        if rest.is_empty() && machine.cpus.len() > 1 {
            let allowed = machine.cpus.clone();
            return Err(PlanError::NoCpuLeft {
                option,
                allowed,
                other,
            });
        }
        Ok(if rest.is_empty() {
            machine.cpus.clone()
        } else {
            rest
        })
    };
    match (&settings.fleet.server_cpus, &settings.load.load_cpus) {
        (None, None) => Ok(machine.cpus.halves(machine.core_of)),
        (Some(server), None) => Ok((server.clone(), rest(server, "--server-cpus", "the load")?)),
        (None, Some(load)) => Ok((rest(load, "--load-cpus", "the servers")?, load.clone())),
        (Some(server), Some(load)) => Ok((server.clone(), load.clone())),
    }
}
