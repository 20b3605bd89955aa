//! The lives of dispatchers: how one succeeds another.

use std::io;
use std::os::fd::OwnedFd;

use serde::Serialize;
use serde_json::Value;

use super::{Started, thread::MasterThread};
use crate::launch::fabric::{DispatchedFabric, Fabric};
use crate::launch::{LISTENER, error::LaunchError};
use crate::view::Life;

/// What every life of a dispatcher begins with, whatever its predecessor gives it.
#[derive(Debug)]
pub(in crate::launch) struct DispatcherParts {
    config: Value,
    /// A copy of its listener. `None` once it has crashed, so that clients are refused.
    listener: Option<OwnedFd>,
}

impl DispatcherParts {
    pub(in crate::launch) fn new(config: &impl Serialize, listener: &OwnedFd) -> io::Result<Self> {
        Ok(Self {
            config: serde_json::to_value(config)?,
            listener: Some(listener.try_clone()?),
        })
    }

    pub(super) fn close_listener(&mut self) {
        self.listener = None;
    }
}

impl MasterThread {
    /// Starts the successor of a dispatcher. It prepares itself, and waits for what it is given.
    pub(super) fn start_dispatcher(
        &mut self,
        number: usize,
        life: Life,
    ) -> Result<Started, LaunchError> {
        let links = dispatched(&mut *self.fabric)?.links_of_successor(number)?;
        let parts = &self.parts[number];
        let listener = parts.listener.as_ref().ok_or_else(|| {
            io::Error::other("it has crashed, and only a dispatcher that runs has a successor")
        })?;
        let inherited = links.with(LISTENER, listener.try_clone()?);
        let role = self.role(life);
        self.roster.note_fork(role, life.generation);
        (self.starter).start(role, life.generation, &parts.config, inherited)
    }

    /// Lets a dispatcher hand over to this life, which has been released.
    pub(super) fn hand_over(&mut self, number: usize, life: Life) -> io::Result<()> {
        let drain_within = self.places[life.place].drain_within();
        let dispatchers = dispatched(&mut *self.fabric)?.dispatchers();
        dispatchers.hand_over(number, drain_within)
    }
}

fn dispatched(fabric: &mut dyn Fabric) -> io::Result<&mut dyn DispatchedFabric> {
    (fabric.dispatched()).ok_or_else(|| io::Error::other("this fleet has no dispatcher"))
}
