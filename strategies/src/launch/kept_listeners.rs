//! Copies of the listeners of workers, with which the master takes over what an ill worker does not accept.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};

use super::spec::FleetSpec;
use crate::view::Life;

/// The listeners of the lives that were not retired. It keeps none unless the fleet looks for stalls, since a
/// listener stays open as long as anybody has it.
#[derive(Debug)]
pub(crate) struct KeptListeners {
    is_on: bool,
    listeners: BTreeMap<Life, OwnedFd>,
}

impl KeptListeners {
    /// Keeps none so far.
    pub(crate) fn of(spec: &FleetSpec) -> Self {
        Self {
            is_on: spec.defences.stall.is_some(),
            listeners: BTreeMap::new(),
        }
    }

    pub(crate) fn keep(&mut self, life: Life, listener: &OwnedFd) -> io::Result<()> {
        if self.is_on {
            self.listeners.insert(life, listener.try_clone()?);
        }
        Ok(())
    }

    pub(crate) fn close(&mut self, life: Life) {
        self.listeners.remove(&life);
    }

    pub(crate) fn get(&self, life: Life) -> Option<&OwnedFd> {
        self.listeners.get(&life)
    }

    /// Returns the listener of another life.
    pub(crate) fn other(&self, life: Life) -> Option<&OwnedFd> {
        let mut others = self.listeners.iter().filter(|(it, _)| **it != life);
        others.next().map(|(_, listener)| listener)
    }

    /// Whether a connection waits to be accepted.
    pub(crate) fn is_awaited(&self, life: Life) -> bool {
        self.get(life).is_some_and(|listener| {
            let mut listener = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
            poll(&mut listener, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
        })
    }

    /// Accepts what waits. The worker may accept at the same time: the kernel gives each connection to one of the
    /// two.
    pub(crate) fn take_waiting(&self, life: Life) -> Vec<OwnedFd> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let accept = |listener: &OwnedFd| {
            let mut accepted = Vec::new();
            while accepted.len() < AT_ONCE {
                match accept_with(listener, flags) {
                    Ok(connection) => accepted.push(connection),
                    Err(Errno::INTR | Errno::CONNABORTED) => {}
                    // Nothing waits, or no descriptors are left.
                    Err(_) => break,
                }
            }
            accepted
        };
        self.get(life).map(accept).unwrap_or_default()
    }
}

/// How many connections are accepted at once, well below common limits of descriptors (1024). The others are
/// accepted at the next look.
const AT_ONCE: usize = 256;
