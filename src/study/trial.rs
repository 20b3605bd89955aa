//! One strategy under one scenario once: check, launch, warm up, measure, stop.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, LoadSpec, MIN_INTERVAL, Outcome};
use evenkeel_reports::{Measured, PeerRecord, Trial, TrialResult};
use evenkeel_strategies::mechanism::peer::differences;
use evenkeel_strategies::{Deployment, FleetSpec, Strategy};

use super::events::{Events, Happened};
use super::faults::Offered;
use super::watch::Watch;
use super::{Bench, figures, judge, later_workers, requirements, waiting};
use crate::plan::{Cell, Plan, derive};

/// Runs a trial. Returns `None` if an interrupt came before its end.
pub(super) fn run(plan: &Plan, cell: Cell, bench: &Bench) -> Option<Trial> {
    if bench.interrupt.came() {
        return None;
    }
    let contestant = &plan.contestants[cell.strategy];
    let scenario = &plan.scenarios[cell.scenario];
    let mut trial = Trial {
        strategy: contestant.key.clone(),
        scenario: scenario.name.clone(),
        block: cell.block,
        workers: None,
        peer: None,
        again: None,
        timeline: Vec::new(),
        changes: Vec::new(),
        faults: Vec::new(),
        result: TrialResult::Failed("it was interrupted".to_owned()),
    };
    trial.result = match requirements::check(plan, contestant, scenario, &bench.host) {
        Err(reason) => TrialResult::Skipped(reason),
        Ok(()) => match launch_and_measure(plan, cell, bench, &mut trial) {
            _ if bench.interrupt.came() => return None,
            Ok(result) => result,
            Err(reason) => TrialResult::Failed(reason),
        },
    };
    Some(trial)
}

/// Launches the fleet, records in the trial what runs, and measures.
fn launch_and_measure(
    plan: &Plan,
    cell: Cell,
    bench: &Bench,
    trial: &mut Trial,
) -> Result<TrialResult, String> {
    let strategy = plan.contestants[cell.strategy].strategy;
    let scenario = &plan.scenarios[cell.scenario];
    let events = Events::of(plan, scenario);
    let spec = fleet_spec(plan, cell, bench);
    let fleet = strategy.launch(&spec).map_err(|error| error.to_string())?;
    trial.workers = Some(fleet.workers() as u32);
    if let Err(unmet) = events.check(&fleet) {
        return Ok(TrialResult::Skipped(unmet.to_string()));
    }
    trial.peer = peer_record(strategy, &fleet, &spec);
    measure(plan, cell, bench, fleet, (&events, trial)).map(Into::into)
}

/// Returns versions and configuration of a peer, and how it differs from our worker; `None` for
/// our own strategies.
fn peer_record(
    strategy: &dyn Strategy,
    fleet: &Deployment,
    spec: &FleetSpec,
) -> Option<PeerRecord> {
    let system = fleet.system()?;
    let differs = match spec.command {
        Some(_) => Vec::new(), // the answers are those of the program of the user
        None => differences(&strategy.profile(), fleet, spec)
            .unwrap_or_else(|error| vec![format!("it was not compared with our worker: {error}")]),
    };
    Some(PeerRecord {
        versions: system.versions.clone(),
        configuration: system.configuration.clone(),
        differs,
    })
}

fn fleet_spec(plan: &Plan, cell: Cell, bench: &Bench) -> FleetSpec {
    let contestant = &plan.contestants[cell.strategy];
    let build = contestant.build.as_ref();
    let executable = build.map_or(&bench.executable, |build| &build.path);
    let mut spec = contestant.fleet(&plan.config).spec(executable);
    // The fleet expects what the load sends.
    spec.proxy_protocol.accept = plan.scenarios[cell.scenario].send_proxy.is_some();
    let scenario = &plan.scenarios[cell.scenario];
    let usable = contestant.strategy.profile().defences;
    spec.defences = spec.defences.of_kinds(usable);
    spec.workers = plan.workers(scenario);
    let most = scenario.most_workers(spec.workers.get());
    spec.places = NonZeroUsize::new(most).unwrap_or(spec.workers);
    spec.seed = derive(plan.config.seed, "policy", cell.block);
    spec
}

/// Offers the load, lets the events happen meanwhile, and collects the figures; the trial gets what
/// happened. Stops the fleet in any case.
fn measure(
    plan: &Plan,
    cell: Cell,
    bench: &Bench,
    mut fleet: Deployment,
    (events, trial): (&Events, &mut Trial),
) -> Result<Measured, String> {
    let spec = load_spec(plan, cell, &fleet)?;
    let tracepoint = bench.tracepoint.filter(|_| events.is_empty());
    let mut watch = Watch::new(&fleet, spec.duration, tracepoint);
    let is_named = plan.config.fleet.command().is_none();
    if is_named && !events.is_empty() {
        watch.follow_workers();
    }
    let offer = |watch: &mut Watch| offer(&spec, bench, &fleet, watch);
    let (outcome, happened) = events.during(&fleet, &mut watch, offer);
    let mut outcome = outcome?;
    if !spec.worker_names.is_empty() {
        later_workers::renumber(&mut outcome, spec.worker_names.len(), &fleet.events());
    }
    let mut window = watch.window(outcome.duration);
    let deaths = fleet.deaths();
    if !events.is_empty() {
        // They are those of processes, which came and went.
        window.costs = None;
    }
    if !events.is_empty() || window.defences.is_some() {
        note(trial, &fleet, &spec, &outcome, &happened);
    }
    if !deaths.is_empty() || happened.has_crash() {
        // The clock of a process that is not reaped keeps its last value, so it shows no error.
        window.cpu = Err("a process of the fleet ended".to_owned());
        window.costs = None;
    }
    let threads = fleet.threads();
    let workers = NonZeroUsize::new(fleet.workers());
    fleet.stop();

    let mut measured = figures::of_load(&outcome).map_err(|error| error.to_string())?;
    figures::add_fleet(&mut measured, &outcome, &window, is_named);
    if events.has_faults() {
        measured.invalid_because = judge::objections_despite_losses(&outcome);
    }
    if !events.is_empty() {
        let is_kept = spec.requests_per_connection.is_none();
        measured.moved = is_kept.then_some(outcome.connections_opened);
    }
    measured.defences = window.defences;
    let contestant = &plan.contestants[cell.strategy];
    measured
        .notes
        .extend(contestant.unused_defences(&plan.config));
    happened.judge(&mut measured);
    if let (true, Some(request_log), Some(workers)) =
        (events.is_empty(), &outcome.request_log, workers)
    {
        let profile = plan.contestants[cell.strategy].strategy.profile();
        match waiting::compared_with_bounds(&profile, &spec, request_log, workers) {
            Ok(waiting) => measured.waiting_us = waiting,
            Err(reason) => measured.notes.push(reason),
        }
    }
    let conditions = judge::Conditions {
        threads,
        deaths,
        ..conditions(plan, cell)
    };
    judge::judge(&mut measured, &outcome, conditions);
    Ok(measured)
}

/// What the plan says of the conditions of a trial.
fn conditions(plan: &Plan, cell: Cell) -> judge::Conditions {
    let server_cpus = &plan.config.fleet.server_cpus;
    let load_cpus = &plan.config.load.load_cpus;
    let work = &plan.scenarios[cell.scenario].work;
    judge::Conditions {
        server_cpus: server_cpus.len(),
        cpus_shared: !server_cpus.intersection(load_cpus).is_empty(),
        work_leaves_cpu_idle: work.leaves_cpu_idle(),
        workers_are_foreign: plan.config.fleet.command().is_some(),
        ..judge::Conditions::default()
    }
}

/// Notes in the trial what happened to the fleet, with times since the window opened.
fn note(
    trial: &mut Trial,
    fleet: &Deployment,
    spec: &LoadSpec,
    outcome: &Outcome,
    happened: &Happened,
) {
    let offered = outcome.request_log.as_ref().map(|log| Offered {
        log,
        losses: &outcome.losses.first,
        warmup: spec.warmup,
        timeout: spec.timeout,
    });
    happened.note(trial, fleet, outcome, offered.as_ref());
}

/// Offers the load in the network namespace of the fleet.
fn offer(
    spec: &LoadSpec,
    bench: &Bench,
    fleet: &Deployment,
    watch: &mut Watch<'_>,
) -> Result<Outcome, String> {
    let run = |watch| {
        loadgen::run(spec, bench.interrupt.flag(), watch).map_err(|error| error.to_string())
    };
    if !fleet.is_in_a_network_namespace() {
        return run(watch);
    }
    // Load threads inherit the namespace of the thread that starts them, and this thread must not
    // change its own.
    thread::scope(|scope| {
        let there = scope.spawn(|| {
            let entered = fleet.enter();
            entered.map_err(|error| format!("the fleet cannot be reached: {error}"))?;
            run(watch)
        });
        there.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Intervals of a trial: the fewest that the check of the warm-up needs, and the most that a chart
/// can show.
const INTERVALS: u32 = 20;

/// Intervals of a trial with changes, so that several of them lie within a change.
const INTERVALS_WITH_CHANGES: u32 = 100;

fn load_spec(plan: &Plan, cell: Cell, fleet: &Deployment) -> Result<LoadSpec, String> {
    let scenario = &plan.scenarios[cell.scenario];
    let mut spec = scenario
        .load_spec(fleet.address(), fleet.workers())
        .map_err(|error| error.to_string())?;
    spec.threads = plan.config.load.load_cpus.len();
    spec.cpus = plan.config.load.load_cpus.to_vec();
    spec.warmup = plan.warmup(scenario);
    spec.duration = plan.duration(scenario);
    spec.interval = interval(spec.duration, !scenario.events.is_empty());
    spec.seed = plan.load_seed(cell);
    let names = fleet.worker_pids().unwrap_or_default();
    spec.worker_names = names.into_iter().map(|pid| pid as u32).collect();
    // Theory has a fixed number of workers. What a fault did is looked up request by request.
    let is_compared = scenario.events.is_empty() && waiting::theory_applies(&spec);
    spec.keep_request_log = is_compared || scenario.has_faults();
    Ok(spec)
}

fn interval(duration: Duration, has_changes: bool) -> Duration {
    let intervals = if has_changes {
        INTERVALS_WITH_CHANGES
    } else {
        INTERVALS
    };
    (duration / intervals).max(MIN_INTERVAL)
}
