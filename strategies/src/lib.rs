//! How a connection, or a request, reaches a worker.
//!
//! A [`Strategy`] is a mechanism (how it travels) and, where our own code chooses, a
//! [policy](policy::Policy) (who gets the next one). [`catalog::ALL`] lists them. Launching
//! one gives a [`Deployment`]: real processes behind one address, gone when it is dropped.
//!
//! Dispatchers and workers are the evenkeel executable run again; its hidden subcommands call
//! [`dispatcher::run`] and [`worker::run`].

pub mod affinity;
pub mod ask;
mod assembly;
mod bell;
mod bootstrap;
pub mod catalog;
pub mod channel;
mod child;
pub mod choice;
mod control;
mod cpu_time;
mod crew;
mod deployment;
mod descriptors;
pub mod dispatcher;
mod drain;
mod entrance;
mod fleet;
mod host;
mod inherited;
mod line;
mod listener;
pub mod mechanism;
mod namespace;
pub mod policy;
mod process_tree;
mod profile;
pub mod proxy_protocol;
mod queue;
mod scoreboard;
mod spawner;
mod strategy;
pub mod supervisor;
mod sys;
mod usage;
pub mod worker;
mod workers;

pub use bootstrap::ChildError;
pub use child::Role;
pub use cpu_time::{CpuModes, CpuTime};
pub use deployment::{Deployment, Snapshot, WorkerSnapshot};
pub use fleet::{FleetSpec, LaunchError};
pub use host::{Host, Unmet};
pub use mechanism::peer::{PeerError, RunningPeer};
pub use namespace::become_root_of_a_user_namespace;
pub use profile::{Layer, Profile};
pub use proxy_protocol::ProxyProtocol;
pub use scoreboard::{Scoreboard, Slot};
pub use strategy::{Strategy, mechanism_of, policy_of};
pub use usage::{
    BySide, ContextSwitches, Holdings, SystemCalls, ThreadSwitches, Uncounted,
    system_call_tracepoint,
};
pub use workers::{Signal, UNAVAILABLE, Workers};
