//! What a policy sees of the workers of a fleet.

pub mod affinity;
pub mod choice;
mod eligibility;
mod free_list;
mod heartbeat;
mod life;
mod notice;
pub(crate) mod scoreboard;
mod signal;
mod workers;

pub use eligibility::Reason;
pub use life::Life;
pub use scoreboard::{Scoreboard, Slot};
pub use signal::Signal;
pub use workers::{UNAVAILABLE, Workers};

pub(crate) use heartbeat::Heartbeat;
pub(crate) use notice::{Notice, Waiting};
