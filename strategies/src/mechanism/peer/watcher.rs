//! A thread that watches which processes of a peer come and go.

use std::iter;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::Pid;

use super::roster::Roster;
use crate::subreaper::descendants;

/// Keeps the roster of a running peer. The thread sleeps until a process ends. As long as others should
/// come or go, it also looks for them now and then. Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Watcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    supervisor: Pid,
    state: Mutex<State>,
    /// Signalled after each look.
    looked: Condvar,
    /// Wakes the thread.
    wake: EventFd,
}

#[derive(Debug)]
struct State {
    roster: Roster,
    /// Until when it looks for processes that should come or go.
    look_until: Instant,
    is_over: bool,
}

/// Pause between two looks. Short compared with the start of a worker, and long compared with the cost of
/// a look, which is some hundred microseconds.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Time in which a peer replaces a process that has died, if it does at all.
const REPLACED_WITHIN: Duration = Duration::from_secs(10);

impl Watcher {
    pub(super) fn start(supervisor: Pid, roster: Roster) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            supervisor,
            state: Mutex::new(State {
                roster,
                look_until: Instant::now(),
                is_over: false,
            }),
            looked: Condvar::new(),
            wake: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
        });
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("peer-watcher".into())
            .spawn(move || watched.watch())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Lets a function read or change the roster.
    pub(super) fn with<T>(&self, function: impl FnOnce(&mut Roster) -> T) -> T {
        function(&mut self.shared.state().roster)
    }

    /// Looks for processes now.
    pub(super) fn look(&self) {
        self.shared.look(&mut self.shared.state());
    }

    /// Begins to look for processes, and waits until the roster is settled. Returns whether it was before
    /// the deadline.
    pub(super) fn wait_until_settled(&self, deadline: Instant) -> bool {
        let mut state = self.shared.state();
        state.look_until = deadline;
        self.shared.wake();
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = (self.shared.looked)
            .wait_timeout_while(state, left, |state| !state.roster.is_settled());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.roster.is_settled()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.wake();
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        // It fails only if the counter overflows, and the thread reads it before that.
        let _written = self.wake.write(1);
    }

    fn watch(&self) {
        loop {
            let (pidfds, timeout) = {
                let state = self.state();
                if state.is_over {
                    return;
                }
                (state.roster.pidfds(), state.pause())
            };
            let has_ended = self.wait(&pidfds, timeout);
            let mut state = self.state();
            if has_ended {
                let until = Instant::now() + REPLACED_WITHIN;
                state.look_until = state.look_until.max(until);
            }
            self.look(&mut state);
            self.looked.notify_all();
        }
    }

    /// Waits until one of the processes ends, somebody wakes this thread, or the time is up. Returns whether
    /// a process has ended.
    fn wait(&self, pidfds: &[Arc<OwnedFd>], timeout: PollTimeout) -> bool {
        let pidfds = pidfds.iter().map(|pidfd| pidfd.as_fd());
        let fds = iter::once(self.wake.as_fd()).chain(pidfds);
        let mut fds: Vec<_> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        // An interrupted wait is one that is over.
        let _ready = poll(&mut fds, timeout);
        let _counted = self.wake.read();
        fds[1..].iter().any(|fd| fd.any() == Some(true))
    }

    fn look(&self, state: &mut State) {
        state.roster.look(descendants(self.supervisor));
    }
}

impl State {
    /// Returns how long the thread may sleep if nothing happens.
    fn pause(&self) -> PollTimeout {
        let is_looking = !self.roster.is_settled() && Instant::now() < self.look_until;
        match is_looking {
            true => PollTimeout::try_from(LOOK_EVERY).unwrap_or(PollTimeout::MAX),
            false => PollTimeout::NONE,
        }
    }
}
