//! The master: how the processes of a running fleet come and go.
//!
//! A [`Place`](place::Place) decides, for one worker or dispatcher, what happens next. A [`Roster`] knows all
//! processes and what has happened to them. A thread ([`thread`]) tells places what happens and carries out
//! what they decide ([`acts`]); it owns the fabric. While nothing happens it sleeps.

mod acts;
mod change;
mod changes;
mod counted;
mod decision;
mod dispatchers;
mod event;
mod grouping;
mod handle;
mod inbox;
mod place;
mod plan;
mod process;
mod respawn;
mod roster;
mod stalls;
mod starter;
mod thread;

pub use change::{Change, ChangeError, Order, Overlap, Reload};
pub use event::{Exit, FleetEvent, FleetEventKind};
pub use respawn::Respawn;

pub(super) use dispatchers::DispatcherParts;
pub(super) use grouping::Grouping;
pub(super) use handle::Master;
pub(super) use roster::Roster;
pub(super) use starter::{Started, Starter};
pub(super) use thread::MasterThread;
