//! What a policy sees of the workers of a fleet.

pub mod affinity;
pub mod choice;
mod free_list;
pub(crate) mod scoreboard;
mod signal;
mod workers;

pub use scoreboard::{Scoreboard, Slot};
pub use signal::Signal;
pub use workers::{UNAVAILABLE, Workers};
