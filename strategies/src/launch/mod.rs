//! How a fleet comes up, runs and ends.
//!
//! Dispatchers and workers are the evenkeel executable run again with a hidden subcommand. They
//! inherit their sockets by the convention of systemd ([`Inherited`]), report that they are ready
//! and wait until the whole fleet is ([`control`]). From then on a [`master`] lets workers come and go.

pub(crate) mod child;
pub(crate) mod child_setup;
mod client_limits;
mod command;
mod confinement;
mod connection_limits;
pub(crate) mod control;
mod counter;
mod deployment;
pub(crate) mod descriptors;
pub(crate) mod error;
mod fabric;
mod fault;
mod fleet;
mod host;
mod inherited;
mod kept_listeners;
pub(crate) mod listener;
mod master;
pub(crate) mod membership;
mod messages;
mod namespace;
mod own_processes;
pub(crate) mod packet;
mod probe;
mod proxy_protocol;
mod snapshot;
mod spawner;
mod spec;
mod stage;
mod user;
mod worker_config;

pub use child::Role;
pub use child_setup::ChildError;
pub use client_limits::ClientLimits;
pub use command::WorkerCommand;
pub use connection_limits::{ConnectionLimits, MaxAge};
pub use counter::Counter;
pub use deployment::Deployment;
pub use error::LaunchError;
pub use fault::{ActiveFault, CrashSignal, Fault, FaultError, Misbehaviour, Slowness};
pub use host::{Host, UnmetRequirement};
pub use master::{
    Change, ChangeError, Exit, FleetEvent, FleetEventKind, Order, Overlap, Reload, Respawn,
};
pub use messages::{MessageError, Received, ToMaster, ToWorker};
pub use namespace::become_root_of_a_user_namespace;
pub use proxy_protocol::ProxyProtocol;
pub use snapshot::{Snapshot, WorkerSnapshot};
pub use spec::FleetSpec;
pub use stage::System;
pub use user::{User, UserError};

pub(crate) use child::Child;
pub(crate) use child_setup::ChildSetup;
pub(crate) use command::OF_SOCKETS;
pub(crate) use confinement::Confinement;
pub(crate) use control::{CONTROL, ChildControl, NotReady};
pub(crate) use fabric::{CommonListener, DispatchedFabric, Fabric, Intake, Links, Upstreams};
pub(crate) use fleet::{Fleet, SCOREBOARD, end_of};
pub(crate) use inherited::{FIRST_FD, Inherited};
pub(crate) use kept_listeners::KeptListeners;
pub(crate) use listener::LISTENER;
pub(crate) use messages::{Incoming, WorkerEnd};
pub(crate) use namespace::Namespace;
pub(crate) use probe::{connect, status_of};
pub(crate) use spec::{CLEAN_UP, Size};
pub(crate) use stage::Stage;
pub(crate) use worker_config::{AcceptMode, ConnectionSource, Scheduling, WorkerConfig};
