//! What dispatchers and workers have in common: how connections are accepted, queued, handed over
//! and ended.

pub(crate) mod acceptor;
pub mod channel;
pub(crate) mod client_watch;
pub(crate) mod drain;
mod earlier_builds;
pub(crate) mod hand_over;
pub(crate) mod health;
pub(crate) mod kernel_timer;
mod process;
pub mod proxy_protocol;
pub(crate) mod queue;
pub(crate) mod succession;
pub(crate) mod upstreams;
pub(crate) mod wake_up;

pub(crate) use process::{Dispatcher, DispatcherConfig, Start};
