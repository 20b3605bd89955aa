//! One process of a peer, from its start to its end.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::launch::{FleetEvent, FleetEventKind, Role};
use crate::subreaper::Process;
use crate::sys::pidfd;
use crate::usage::CpuTime;

#[derive(Debug)]
pub(in crate::mechanism::peer) struct PeerProcess {
    pub(in crate::mechanism::peer) role: Role,
    pub(in crate::mechanism::peer) generation: u32,
    pub(in crate::mechanism::peer) process: Process,
    /// Whether a change ends it.
    pub(super) leaves: bool,
    pub(super) is_replaced: bool,
    /// Whether its end, which a fault brings about, is not to be reported.
    pub(super) end_is_expected: bool,
    /// `None` if it had ended before it could be opened.
    pidfd: Option<Arc<OwnedFd>>,
    /// When it was started, with a resolution of one clock tick.
    started: Instant,
    /// When it was seen to be ready.
    ready: Instant,
    ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    at: Instant,
    /// Whether it was asked to end.
    intended: bool,
    is_reported: bool,
}

impl PeerProcess {
    /// `is_replaced`: whether a reload replaces it.
    pub(super) fn new(
        process: Process,
        role: Role,
        generation: u32,
        is_replaced: bool,
        now: Instant,
    ) -> Self {
        Self {
            role,
            generation,
            pidfd: process.open().map(Arc::new),
            started: now.checked_sub(process.age()).unwrap_or(now),
            process,
            leaves: false,
            is_replaced,
            end_is_expected: false,
            ready: now,
            ended: None,
        }
    }

    pub(in crate::mechanism::peer) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether it has ended unasked.
    pub(super) fn has_died(&self) -> bool {
        self.ended.is_some_and(|ended| !ended.intended)
    }

    /// Returns its CPU time. `None` if it has ended: only its parent, which is the peer, could know.
    pub(super) fn cpu(&self) -> Option<CpuTime> {
        let cpu = CpuTime::of(self.process.pid);
        cpu.filter(|_| self.process.is_alive())
    }

    /// Whether it is one of the processes that a reload replaces, and stays.
    pub(super) fn serves(&self) -> bool {
        self.is_replaced && !self.leaves && !self.has_ended()
    }

    /// Returns a pidfd of the process, unless it has ended.
    pub(super) fn pidfd(&self) -> Option<Arc<OwnedFd>> {
        self.pidfd.clone().filter(|_| !self.has_ended())
    }

    /// Notes whether it has ended. `may_leave`: whether it could be asked to.
    pub(super) fn note_exit(&mut self, may_leave: bool) {
        if self.ended.is_none() && !self.pidfd.as_deref().is_some_and(is_running) {
            self.ended = Some(Ended {
                at: Instant::now(),
                intended: self.leaves || (may_leave && self.is_replaced),
                is_reported: self.end_is_expected,
            });
        }
    }

    /// Describes its end, if nobody asked for it, for the first time.
    pub(super) fn death(&mut self) -> Option<String> {
        let ended = self.ended.as_mut()?;
        if ended.intended || std::mem::replace(&mut ended.is_reported, true) {
            return None;
        }
        let (role, Process { pid, name, .. }) = (self.role, &self.process);
        Some(format!("{role} ({name}, process {pid}) has ended"))
    }

    /// Returns what can be seen of it from outside.
    pub(super) fn events(&self) -> impl Iterator<Item = FleetEvent> {
        let event = |at, what| FleetEvent {
            at,
            role: self.role,
            generation: self.generation,
            pid: Some(self.process.pid.as_raw()),
            what,
        };
        let exit = self.ended.map(|ended| {
            let how = self.pidfd.as_deref();
            let how = how.and_then(|pidfd| pidfd::exit_status(pidfd.as_fd()));
            let (how, intended) = (how.map(Into::into), ended.intended);
            event(ended.at, FleetEventKind::Exit { how, intended })
        });
        let events = [
            Some(event(self.started, FleetEventKind::Fork)),
            Some(event(self.ready, FleetEventKind::Listening)),
            exit,
        ];
        events.into_iter().flatten()
    }
}

/// Whether the process of a pidfd has not ended: the pidfd becomes readable with its end (pidfd_open(2)).
fn is_running(pidfd: &OwnedFd) -> bool {
    let mut end = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    poll(&mut end, PollTimeout::ZERO).is_ok_and(|ended| ended == 0)
}
