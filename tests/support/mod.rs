//! Code that several tests share: an HTTP client, and a fleet to send requests to.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

pub mod client;
pub mod processes;

use std::num::NonZeroUsize;
use std::panic::resume_unwind;

use evenkeel_strategies::{Deployment, FleetSpec, Host, Slot, Strategy, catalog};

/// The program under test.
pub const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// Environment variable with another path of the program, for users that cannot read the usual one.
pub const PROGRAM: &str = "EVENKEEL_UNDER_TEST";

/// Environment variable with the strategies to check [default: all of evenkeel's own].
pub const ONLY: &str = "EVENKEEL_CHECK_ONLY";

/// Prefix of the line that names a skipped strategy.
pub const SKIPPED: &str = "skipped ";

/// Returns the specification of a fleet of the program under test with this number of workers.
pub fn fleet_spec(workers: usize) -> FleetSpec {
    FleetSpec::new(
        std::env::var_os(PROGRAM).unwrap_or_else(|| EVENKEEL.into()),
        NonZeroUsize::new(workers).expect("at least one worker"),
    )
}

/// Starts a fleet, and moves the calling thread into the fleet's network namespace.
pub fn launch(strategy: &dyn Strategy, workers: usize) -> Deployment {
    launch_as(strategy, &fleet_spec(workers))
}

/// Like [`launch`], with a specification.
pub fn launch_as(strategy: &dyn Strategy, spec: &FleetSpec) -> Deployment {
    let launched = strategy.launch(spec);
    let fleet = launched.unwrap_or_else(|error| panic!("{}: {error}", strategy.key()));
    fleet.enter().expect("root may enter any namespace");
    fleet
}

/// Returns the counters of one of evenkeel's own workers.
pub fn slot(fleet: &Deployment, worker: usize) -> Slot<'_> {
    fleet
        .scoreboard()
        .expect("evenkeel's own workers")
        .slot(worker)
}

/// Runs a check for each of evenkeel's own strategies that this host supports. Each check gets its own
/// thread, since a thread that enters a network namespace stays there.
pub fn for_each_strategy(check: impl Fn(&dyn Strategy, &str) + Sync) {
    let host = Host::probe();
    let names = std::env::var_os(ONLY).unwrap_or_else(|| "ours".into());
    let names = names.to_string_lossy().into_owned();
    for strategy in catalog::select(&[names]).expect("names of strategies") {
        match strategy.check(&host) {
            Ok(()) => std::thread::scope(|scope| {
                let checking = scope.spawn(|| check(strategy, strategy.key()));
                checking.join().unwrap_or_else(|panic| resume_unwind(panic));
            }),
            Err(unmet) => eprintln!("{SKIPPED}{}: {unmet}", strategy.key()),
        }
    }
}
