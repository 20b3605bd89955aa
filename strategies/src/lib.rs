//! How a connection or request reaches a worker.
//!
//! A [`Strategy`] is a mechanism (how a connection or request reaches a worker) and, if our own code
//! picks the worker, a [policy](policy::Policy). [`catalog::ALL`] lists all strategies. Launching one
//! returns a [`Deployment`]: real processes with one address, which end when it is dropped.
//!
//! Dispatchers and workers are the evenkeel executable with hidden subcommands, which call
//! [`dispatcher::run`] and [`worker::run`].

pub mod catalog;
mod defence;
pub mod dispatch;
pub mod dispatcher;
mod http1;
mod launch;
pub mod mechanism;
pub mod policy;
mod profile;
mod share;
mod strategy;
mod subreaper;
mod sys;
mod usage;
pub mod view;
pub mod worker;

pub use defence::Stall;
pub use defence::{
    Budget, DefenceCounts, DefenceKind, Defences, Hedging, Journal, PassiveHealth, Retries,
    TryTimeout,
};
pub use launch::{
    ActiveFault, Change, ChangeError, ChildError, ClientLimits, ConnectionLimits, Counter,
    CrashSignal, Deployment, Exit, Fault, FaultError, FleetEvent, FleetEventKind, FleetSpec, Host,
    LaunchError, MaxAge, MessageError, Misbehaviour, Order, Overlap, ProxyProtocol, Received,
    Reload, Respawn, Role, Slowness, Snapshot, System, ToMaster, ToWorker, UnmetRequirement, User,
    UserError, WorkerCommand, WorkerSnapshot, become_root_of_a_user_namespace,
};
pub use mechanism::peer::PeerError;
pub use profile::{
    CommandContract, Layer, Privileges, Profile, QueueingModel, Targets, WorkerKind,
};
pub use share::Share;
pub use strategy::{Strategy, check_all};
pub use usage::{
    BySide, ContextSwitches, CpuModes, CpuTime, Holdings, SystemCalls, ThreadSwitches, Uncounted,
    system_call_tracepoint,
};
pub use view::{Life, Scoreboard, Signal, Slot, UNAVAILABLE, Workers};
