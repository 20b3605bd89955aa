//! What several of these tests need: a plain HTTP client, and a fleet to talk to.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test binary uses a part of it"
)]

pub mod client;
pub mod processes;

use std::num::NonZeroUsize;

use evenkeel_strategies::{Deployment, FleetSpec, Strategy};

/// The program under test.
pub const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// An order for so many workers of the program under test.
pub fn order(workers: usize) -> FleetSpec {
    FleetSpec::new(
        EVENKEEL,
        NonZeroUsize::new(workers).expect("tests order at least one"),
    )
}

/// A running fleet.
pub fn launch(strategy: &dyn Strategy, workers: usize) -> Deployment {
    let launched = strategy.launch(&order(workers));
    launched.unwrap_or_else(|error| panic!("{}: {error}", strategy.key()))
}
