//! How a worker wakes the dispatchers that have something for it: an eventfd for each of them.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{EventfdFlags, eventfd};

/// The name under which processes inherit bells.
pub(crate) const WAKE_UP: &str = "bell";

/// A bell to be heard by one dispatcher: watch it edge-triggered, and it need not be read.
///
/// # Errors
/// If the limit of open files is reached.
pub(crate) fn create() -> io::Result<OwnedFd> {
    Ok(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

/// The bells of all dispatchers of a fleet.
#[derive(Debug)]
pub(crate) struct WakeUps(Vec<OwnedFd>);

impl WakeUps {
    pub(crate) fn new(bells: Vec<OwnedFd>) -> Self {
        Self(bells)
    }

    /// Wakes every dispatcher.
    pub(crate) fn ring(&self) {
        for bell in &self.0 {
            // It fails only after 2^64 strokes that nobody has read.
            let _rung = rustix::io::write(bell, &1_u64.to_ne_bytes());
        }
    }
}
