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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use evenkeel_strategies::{Deployment, FleetSpec, Host, Slot, Strategy, catalog};

/// The program under test.
pub const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// Environment variable with another path of the program, for users that cannot read the usual one.
pub const PROGRAM: &str = "EVENKEEL_UNDER_TEST";

/// Environment variable with the strategies to check, separated by spaces [default: all of evenkeel's own].
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

/// Runs a check for each of evenkeel's own strategies that this host supports.
pub fn for_each_strategy(check: impl Fn(&dyn Strategy, &str) + Sync) {
    for strategy in supported_strategies() {
        on_its_own_thread(|| check(strategy, strategy.key()));
    }
}

/// Returns evenkeel's own strategies that this host supports, and reports which it does not.
pub fn supported_strategies() -> Vec<&'static dyn Strategy> {
    let host = Host::probe();
    let mut strategies = requested("ours");
    strategies.retain(|strategy| {
        let checked = strategy.check(&host);
        let checked =
            checked.inspect_err(|unmet| eprintln!("{SKIPPED}{}: {unmet}", strategy.key()));
        checked.is_ok()
    });
    strategies
}

/// Returns the strategies that [`ONLY`] names, or these.
pub fn requested(default: &str) -> Vec<&'static dyn Strategy> {
    let names = std::env::var_os(ONLY).unwrap_or_else(|| default.into());
    let names = names.to_string_lossy().into_owned();
    let names: Vec<_> = names.split_whitespace().collect();
    catalog::select(&names).expect("names of strategies")
}

/// Number of checks at the same time, if they mostly wait.
const AT_ONCE: usize = 4;

/// Runs a check that mostly waits for each item, several at the same time.
pub fn for_each_at_once<T: Sync>(items: &[T], check: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let threads = [(); AT_ONCE].map(|()| {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    on_its_own_thread(|| check(item));
                }
            })
        });
        threads.into_iter().for_each(unwind);
    });
}

/// Runs a check on a thread, since a thread that enters a network namespace stays there.
fn on_its_own_thread(check: impl FnOnce() + Send) {
    thread::scope(|scope| unwind(scope.spawn(check)));
}

/// Waits for a thread, and panics as it did.
fn unwind(thread: ScopedJoinHandle<'_, ()>) {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic));
}
