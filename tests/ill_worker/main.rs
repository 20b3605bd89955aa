//! Fleets of which a worker is ill: it is killed, or stopped, or occupied for a long time.

mod killed;
mod stalled;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use evenkeel_strategies::{Deployment, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(600);

/// Signals the process of a worker.
fn signal(fleet: &Deployment, worker: usize, signal: Signal) {
    let mut processes = fleet.processes();
    let found = processes.find(|(role, _)| *role == Role::Worker(worker));
    let (_, pid) = found.expect("a worker");
    kill(Pid::from_raw(pid), signal).expect("it is there");
}
