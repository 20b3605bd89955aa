//! What several of these tests need: a plain HTTP client, and a fleet to talk to.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test binary uses a part of it"
)]

pub mod client;
pub mod processes;

use std::num::NonZeroUsize;
use std::panic::resume_unwind;

use evenkeel_strategies::{Deployment, FleetSpec, Host, Slot, Strategy, catalog};

/// The program under test.
pub const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// Names another place of it, where this one is not for everybody.
pub const PROGRAM: &str = "EVENKEEL_UNDER_TEST";

/// Names the strategies to check, where that is not all of them.
pub const ONLY: &str = "EVENKEEL_CHECK_ONLY";

/// What is said before the key of a strategy that is left out.
pub const SKIPPED: &str = "skipped ";

/// An order for so many workers of the program under test.
pub fn order(workers: usize) -> FleetSpec {
    FleetSpec::new(
        std::env::var_os(PROGRAM).unwrap_or_else(|| EVENKEEL.into()),
        NonZeroUsize::new(workers).expect("tests order at least one"),
    )
}

/// A running fleet, and the calling thread where it can be reached.
pub fn launch(strategy: &dyn Strategy, workers: usize) -> Deployment {
    launch_as(strategy, &order(workers))
}

/// The same to order.
pub fn launch_as(strategy: &dyn Strategy, spec: &FleetSpec) -> Deployment {
    let launched = strategy.launch(spec);
    let fleet = launched.unwrap_or_else(|error| panic!("{}: {error}", strategy.key()));
    fleet.enter().expect("root may enter any namespace");
    fleet
}

/// What a worker of ours has counted.
pub fn slot(fleet: &Deployment, worker: usize) -> Slot<'_> {
    fleet.scoreboard().expect("workers of ours").slot(worker)
}

/// Runs a check on each strategy of ours that this host can run, each in a thread of its own: one that
/// enters a fleet's network namespace stays there.
pub fn for_each_strategy(check: impl Fn(&dyn Strategy, &str) + Sync) {
    let host = Host::probe();
    let names = std::env::var(ONLY).unwrap_or_else(|_| "ours".to_owned());
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
