//! A process that a fault hits.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process that a fault hits. It never means another process, even when this one has ended and its number
/// was given away.
#[derive(Debug)]
pub(super) struct Target(OwnedFd);

/// How long a process may take to end by a signal, in milliseconds, and how often the signal is sent at most.
const END_WITHIN_MS: u8 = 20;
const MOST_SIGNALS: usize = 50;

impl Target {
    pub(super) fn open(pid: Pid) -> io::Result<Self> {
        let pid = rustix::process::Pid::from_raw(pid.as_raw()).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self(pidfd_open(pid, PidfdFlags::empty())?))
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(pidfd_send_signal(&self.0, signal)?)
    }

    /// Ends the process by a signal. A runtime may handle the first SIGSEGV, as Rust's does to report a stack
    /// overflow, and leaves the second one to the kernel.
    pub(super) fn crash(&self, signal: Signal) -> io::Result<()> {
        for _ in 0..MOST_SIGNALS {
            self.signal(signal)?;
            if self.has_ended_within(END_WITHIN_MS)? {
                return Ok(());
            }
        }
        Err(io::Error::other("it does not end by this signal"))
    }

    fn has_ended_within(&self, milliseconds: u8) -> io::Result<bool> {
        let mut end = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        Ok(poll(&mut end, PollTimeout::from(milliseconds))? > 0)
    }
}
