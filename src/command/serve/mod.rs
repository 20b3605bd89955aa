//! `evenkeel serve`: one strategy in the foreground.

mod events;
mod watch;
mod wishes;

use evenkeel_common::units::plural;
use evenkeel_strategies::mechanism::peer::Peer;
use evenkeel_strategies::{Deployment, FleetSpec, Host, Respawn, Strategy, catalog};
use nix::unistd::geteuid;
use serde_json::{Value, json};

use super::{acquire_privileges, own_executable, raise_open_files};
use crate::cli::{Plain, ServeArgs};
use crate::failure::Failure;
use crate::machine::Machine;
use crate::terminal::{Interrupt, message, print};
use watch::Watch;
use wishes::Wishes;

/// How many workers TTIN can add.
const SPARE_PLACES: usize = 16;

/// Runs the command until a signal comes, then drains the fleet.
///
/// # Errors
/// [`Failure`] if the fleet cannot be started, or if all its workers or dispatchers have ended.
pub(crate) fn run(args: &ServeArgs, quiet: bool) -> Result<(), Failure> {
    raise_open_files();
    let strategy = only_strategy(args)?;
    check_headers(args, strategy)?;
    let is_root = geteuid().is_root();
    acquire_privileges([strategy]);
    strategy.check(&Host::probe()).map_err(Failure::failed)?;
    let spec = fleet_spec(args)?;
    let unused = spec.defences.on();
    if let Some(reason) = unused
        .filter_map(|it| catalog::why_without(strategy, it))
        .next()
    {
        return Err(Failure::Usage(format!("{reason}; leave the defence out")));
    }
    if let Some(command) = &spec.command {
        catalog::check_command(strategy).map_err(Failure::failed)?;
        if args.accept_proxy || args.send_proxy.is_some() {
            return Err(Failure::Usage(format!(
                "`{command}` need not understand a PROXY header; leave out `--accept-proxy` and `--send-proxy`"
            )));
        }
    }
    let interrupt = Interrupt::catch_of_server()?;
    let mut wishes = Wishes::catch()?;
    let mut fleet = strategy.launch(&spec).map_err(Failure::failed)?;
    if !quiet && let Some(warning) = exposure(&fleet) {
        message(&warning);
    }
    print(&match args.format {
        Plain::Text => description(strategy, &fleet, &spec, is_root),
        Plain::Json => format!("{}\n", described(strategy, &fleet)),
    })?;
    let alive = Watch::new(&fleet, args.format).run(&mut fleet, &interrupt, &mut wishes);
    if !quiet {
        message("ending after all requests in flight are answered");
    }
    fleet.stop();
    alive
}

/// Returns the named strategy, or the peer of the given recipe.
fn only_strategy(args: &ServeArgs) -> Result<&'static dyn Strategy, Failure> {
    let recipes = &args.peers.recipes;
    let known = catalog::with_peers(recipes).map_err(Failure::usage)?;
    let names = match &args.strategy {
        Some(name) => vec![name.clone()],
        None => {
            let keys = recipes.iter().map(|recipe| Peer::key_of(recipe));
            keys.collect::<Result<_, _>>().map_err(Failure::usage)?
        }
    };
    match catalog::select_among(&known, &names).map_err(Failure::usage)?[..] {
        [strategy] => Ok(strategy),
        ref several => {
            let keys: Vec<&str> = several.iter().map(|strategy| strategy.key()).collect();
            let (names, keys) = (names.join("`, `"), keys.join(", "));
            Err(Failure::Usage(format!(
                "`{names}` selects several strategies; give one of {keys} with `-s`"
            )))
        }
    }
}

/// Checks whether the strategy supports the PROXY protocol as configured.
fn check_headers(args: &ServeArgs, strategy: &dyn Strategy) -> Result<(), Failure> {
    if args.accept_proxy && strategy.profile().is_peer {
        return Err(Failure::Usage(format!(
            "`--accept-proxy` is for evenkeel's own strategies, and {} is another system, \
             configured by its recipe; leave it out",
            strategy.key()
        )));
    }
    if args.send_proxy.is_some() && !strategy.profile().sends_proxy_header {
        return Err(Failure::Usage(format!(
            "`--send-proxy` is for layer-4 proxies (`-s splice:POLICY`), and {} does not open a \
             connection to a worker for each client; leave it out",
            strategy.key()
        )));
    }
    Ok(())
}

fn fleet_spec(args: &ServeArgs) -> Result<FleetSpec, Failure> {
    let cpus = Machine::probe().server_cpus(args.fleet.server_cpus.as_ref());
    let cpus = cpus.map_err(Failure::usage)?;
    let fleet = args.fleet.resolve(&args.worker, cpus);
    let mut spec = fleet.map_err(Failure::usage)?.spec(&own_executable()?);
    spec.listen = args.listen;
    spec.seed = args.seed.u64();
    spec.proxy_protocol.accept = args.accept_proxy;
    spec.proxy_protocol.send = args.send_proxy;
    spec.places = spec.workers.saturating_add(SPARE_PLACES);
    spec.respawn = Some(Respawn::default());
    Ok(spec)
}

/// Returns a warning if other machines may reach the fleet.
fn exposure(fleet: &Deployment) -> Option<String> {
    let address = fleet.address();
    let is_local = address.ip().to_canonical().is_loopback() || fleet.is_in_a_network_namespace();
    (!is_local).then(|| {
        format!(
            "warning: other machines may reach {address}, and evenkeel is a testbed: it has neither \
             TLS nor access control; listen on 127.0.0.1, or only where you know every client"
        )
    })
}

/// A target with work, as a first example.
const WITH_WORK: &str = "/spin/50";

fn description(
    strategy: &dyn Strategy,
    fleet: &Deployment,
    spec: &FleetSpec,
    is_root: bool,
) -> String {
    let (key, workers) = (strategy.key(), plural(fleet.workers(), "worker"));
    let address = fleet.address();
    let processes = fleet.processes();
    let processes: String = processes
        .map(|(role, pid)| format!("  {role}: process {pid}\n"))
        .collect();
    let enter = enter_command(fleet, is_root);
    let knows_work = strategy.profile().targets.include(WITH_WORK);
    let target = match &spec.command {
        None if knows_work => WITH_WORK,
        _ => "/",
    };
    format!(
        "{key} serves on http://{address}/ with {workers}\n{processes}\
         try:  {enter}curl -i http://{address}{target}\n      \
         {enter}evenkeel load http://{address}{target} -c 64 -d 3s\n\
         Ctrl-C ends it; SIGHUP replaces all workers, SIGTTIN adds one, SIGTTOU takes one out,\n\
         SIGUSR2 replaces all dispatchers.\n"
    )
}

/// The same as JSON.
fn described(strategy: &dyn Strategy, fleet: &Deployment) -> Value {
    let processes = fleet.processes();
    let processes: Vec<Value> = processes
        .map(|(role, pid)| json!({ "role": role.to_string(), "pid": pid }))
        .collect();
    json!({
        "strategy": strategy.key(),
        "url": format!("http://{}/", fleet.address()),
        "workers": fleet.workers(),
        "processes": processes,
    })
}

/// Returns the prefix of a command that enters the network namespace of the fleet.
fn enter_command(fleet: &Deployment, is_root: bool) -> String {
    let Some((_, pid)) = fleet
        .processes()
        .next()
        .filter(|_| fleet.is_in_a_network_namespace())
    else {
        return String::new();
    };
    let user = match is_root {
        true => "",
        false => " --user --preserve-credentials",
    };
    format!("nsenter --target {pid} --net{user} ")
}
