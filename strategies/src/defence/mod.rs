//! Defences: what a fleet does about ill workers, beyond its policy. All are off by default.

mod stall;

pub use stall::Stall;

pub(crate) use stall::{Finding, StallWatch};
