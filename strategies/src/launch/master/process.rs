//! A process of workers, as the master watches it.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, pidfd_open};

use crate::launch::control::ParentControl;
use crate::view::Life;

/// A process of workers that has not ended, as far as the master knows.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) life: Life,
    /// Numbers of its workers.
    pub(super) numbers: Range<usize>,
    /// Readable when the process has ended.
    pidfd: OwnedFd,
    pub(super) control: ParentControl,
    /// Whether its report is awaited, that it is ready or why it is not.
    pub(super) is_starting: bool,
    /// Whether the fabric was told that it gets nothing new.
    pub(super) is_retired: bool,
}

impl Process {
    /// Watches a process whose report is awaited.
    pub(super) fn new(
        life: Life,
        numbers: Range<usize>,
        pid: Pid,
        control: ParentControl,
    ) -> io::Result<Self> {
        let pid = rustix::process::Pid::from_raw(pid.as_raw()).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self {
            life,
            numbers,
            pidfd: pidfd_open(pid, PidfdFlags::empty())?,
            control,
            is_starting: true,
            is_retired: false,
        })
    }

    /// Returns the descriptor that is readable when something happens to it. A process that is starting
    /// closes its end of the control channel before it ends.
    pub(super) fn awaited(&self) -> BorrowedFd<'_> {
        match self.is_starting {
            true => self.control.as_fd(),
            false => self.pidfd.as_fd(),
        }
    }

    /// Whether something has happened to it.
    pub(super) fn has_news(&self) -> bool {
        let mut awaited = [PollFd::new(self.awaited(), PollFlags::POLLIN)];
        poll(&mut awaited, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}
