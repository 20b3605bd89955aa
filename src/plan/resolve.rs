//! From settings to a plan: names become strategies and scenarios, gaps are filled.

use std::sync::Arc;

use evenkeel_reports::LoopKind;
use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Strategy, catalog};

use super::{Contestant, Plan, PlanError};
use crate::config::{LoadOptions, Settings, StudyConfig};
use crate::executable::{self, Build};
use crate::machine::Machine;
use crate::scenario::{self, Scenario};

/// Returns the plan of these settings, checked as far as possible before anything starts.
pub(crate) fn resolve(
    settings: Settings,
    quick: bool,
    machine: &Machine,
) -> Result<Plan, PlanError> {
    let config = StudyConfig::resolve(&settings, quick, machine)?;
    let builds = builds(&settings)?;
    let plan = Plan {
        contestants: contestants(strategies(&settings, &builds)?, &builds, settings.aa),
        builds,
        extensions: Vec::new(),
        scenarios: scenarios(settings, quick)?,
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
    let mut names = or_else_one(&settings.strategies, "core");
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
    aa: bool,
) -> Vec<Contestant> {
    let enter = |strategy| match aa {
        true => Contestant::copies(strategy),
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

fn scenarios(settings: Settings, quick: bool) -> Result<Vec<Scenario>, PlanError> {
    let has_scenarios = !(settings.scenarios.is_empty() && settings.inline_scenarios.is_empty());
    match settings.work {
        Some(_) if has_scenarios => return Err(PlanError::WorkOfScenarios),
        Some(work) => return Ok(vec![Scenario::of_options(work, &settings.load)]),
        None => {}
    }
    let names = match (&settings.scenarios[..], &settings.inline_scenarios[..]) {
        ([], [_, ..]) => Vec::new(),
        (names, _) => or_else_one(names, "default"),
    };
    let mut selected = scenario::select(&names)?;
    for inline in settings.inline_scenarios {
        scenario::add(&mut selected, inline)?;
    }
    adjust(&mut selected, &settings.load)?;
    for scenario in &mut selected {
        let load = &settings.load;
        scenario.keep_times(
            !quick && load.duration.is_none(),
            !quick && load.warmup.is_none(),
        );
    }
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
            scenario.override_connections(connections.u32());
        }
        if let Some(rate_rps) = load.rate {
            scenario.override_rate(rate_rps);
        }
    }
    Ok(())
}
