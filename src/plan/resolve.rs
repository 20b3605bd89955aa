//! From settings to a plan: names become strategies and scenarios, gaps are filled.

use std::sync::Arc;
use std::time::Duration;

use evenkeel_reports::LoopKind;
use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Strategy, catalog};

use super::{Contestant, Plan, PlanError};
use crate::config::{LoadOptions, Settings, StudyConfig, VariantConfig};
use crate::executable::{self, Build};
use crate::machine::Machine;
use crate::scenario::{self, RequestTarget, Scenario, Target, Work};

/// Returns the plan of these settings, checked as far as possible before anything starts.
pub(crate) fn resolve(
    settings: Settings,
    quick: bool,
    machine: &Machine,
) -> Result<Plan, PlanError> {
    let config = StudyConfig::resolve(&settings, quick, machine)?;
    let builds = builds(&settings)?;
    if config.fleet.command().is_some() && !builds.is_empty() {
        return Err(PlanError::CommandOfBuilds);
    }
    if !config.variants.is_empty() && (settings.aa || !builds.is_empty()) {
        return Err(PlanError::VariantsAndOthers);
    }
    let strategies = strategies(&settings, &builds)?;
    let plan = Plan {
        contestants: contestants(strategies, &builds, &config.variants, settings.aa),
        builds,
        extensions: Vec::new(),
        scenarios: scenarios(settings, config.fleet.command().is_some(), quick)?,
        config,
    };
    plan.check(machine)?;
    Ok(plan)
}

/// Examines the executables in the settings.
fn builds(settings: &Settings) -> Result<Vec<Arc<Build>>, PlanError> {
    let mut builds: Vec<Arc<Build>> = Vec::new();
    for executable in &settings.executables {
        if settings.aa {
            return Err(PlanError::CopiesOfBuilds);
        }
        if builds.iter().any(|build| build.label == executable.label) {
            return Err(PlanError::SameLabel(executable.label.clone()));
        }
        builds.push(Arc::new(executable.examine()?));
    }
    let records: Vec<_> = builds.iter().map(|build| build.record()).collect();
    executable::check_different(&records)?;
    Ok(builds)
}

/// Returns the named strategies, and the peers of recipes that no name refers to.
fn strategies(
    settings: &Settings,
    builds: &[Arc<Build>],
) -> Result<Vec<&'static dyn Strategy>, PlanError> {
    let known = catalog::with_peers(&settings.peers)?;
    let mut names = match (&settings.strategies[..], &settings.worker.command) {
        ([], Some(_)) => catalog::CORE_FOR_COMMANDS
            .iter()
            .map(|key| (*key).to_owned())
            .collect(),
        (names, _) => or_else_one(names, "core"),
    };
    for recipe in &settings.peers {
        let key = Peer::key_of(recipe)?;
        if !names.iter().any(|name| catalog::is_variant(name, &key)) {
            names.push(key);
        }
    }
    let selected = catalog::select_among(&known, &names)?;
    match selected.iter().find(|strategy| strategy.profile().is_peer) {
        Some(peer) if !builds.is_empty() => Err(PlanError::PeerOfBuilds(peer.key().to_owned())),
        _ => Ok(selected),
    }
}

fn contestants(
    strategies: Vec<&'static dyn Strategy>,
    builds: &[Arc<Build>],
    variants: &[VariantConfig],
    aa: bool,
) -> Vec<Contestant> {
    let enter = |strategy| match aa {
        true => Contestant::copies(strategy),
        false if !variants.is_empty() => Contestant::per_variant(strategy, variants),
        false if builds.is_empty() => Contestant::alone(strategy),
        false => Contestant::per_build(strategy, builds),
    };
    strategies.into_iter().flat_map(enter).collect()
}

fn or_else_one<T: Clone + for<'a> From<&'a str>>(names: &[T], default: &str) -> Vec<T> {
    match names {
        [] => vec![default.into()],
        names => names.to_owned(),
    }
}

/// Returns the scenarios. Those for a program of the user (`foreign`) request only targets that it has.
fn scenarios(settings: Settings, foreign: bool, quick: bool) -> Result<Vec<Scenario>, PlanError> {
    let has_scenarios = !(settings.scenarios.is_empty() && settings.inline_scenarios.is_empty());
    match settings.work {
        Some(_) if foreign => return Err(PlanError::WorkOfCommand),
        Some(_) if has_scenarios => return Err(PlanError::WorkOfScenarios),
        Some(_) if !settings.targets.is_empty() => return Err(PlanError::WorkAndTargets),
        Some(work) => return Ok(vec![Scenario::of_options(work, &settings.load)]),
        None => {}
    }
    let asks_for_targets = foreign || !settings.targets.is_empty();
    if asks_for_targets && !has_scenarios && settings.load.rate.is_some() {
        let targets = match settings.targets.is_empty() {
            true => vec![RequestTarget::root()],
            false => settings.targets,
        };
        let custom = Scenario::of_options(Work::Targets(targets), &settings.load);
        return only_known_targets(vec![custom], foreign);
    }
    let names = match (&settings.scenarios[..], &settings.inline_scenarios[..]) {
        ([], [_, ..]) => Vec::new(),
        ([], []) if asks_for_targets => CLOSED_LOOPS.map(Into::into).into(),
        (names, _) => or_else_one(names, "default"),
    };
    let mut selected = scenario::select(&names)?;
    for inline in settings.inline_scenarios {
        scenario::add(&mut selected, inline)?;
    }
    for scenario in &mut selected {
        match &settings.targets[..] {
            [] if foreign => scenario.request_root(),
            [] => {}
            targets => scenario.override_targets(targets),
        }
    }
    adjust(&mut selected, &settings.load)?;
    for scenario in &mut selected {
        if foreign && !has_scenarios {
            scenario.duration = Some(TIME_OF_COMMAND);
            scenario.warmup = Some(TIME_OF_COMMAND);
        }
        let load = &settings.load;
        scenario.keep_times(
            !quick && load.duration.is_none(),
            !quick && load.warmup.is_none(),
        );
    }
    only_known_targets(selected, foreign)
}

/// The default scenarios that say how many connections there are, and not how long the work is.
const CLOSED_LOOPS: [&str; 2] = ["short-lived", "keep-alive"];

/// Measured time, and warm-up, of these scenarios with a program of the user. Its first requests load and compile
/// code: on Node each takes some milliseconds, and every worker has its own.
const TIME_OF_COMMAND: Duration = Duration::from_millis(500);

/// Checks that evenkeel's own workers know the targets, unless a program of the user serves.
fn only_known_targets(scenarios: Vec<Scenario>, foreign: bool) -> Result<Vec<Scenario>, PlanError> {
    let mut texts = scenarios.iter().flat_map(|it| it.work.target_texts());
    match texts.find(|text| text.parse::<Target>().is_err()) {
        Some(target) if !foreign => Err(PlanError::TargetOfCommand(target)),
        _ => Ok(scenarios),
    }
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
            scenario.override_connections(connections.u32());
        }
        if let Some(rate_rps) = load.rate {
            scenario.override_rate(rate_rps);
        }
    }
    Ok(())
}
