//! The children of this process that have ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::unistd::Pid;
use rustix::process::{WaitOptions, wait};

/// A child that has ended, and how.
pub(crate) struct Ended {
    pub(crate) pid: Pid,
    pub(crate) status: ExitStatus,
}

/// Reaps the children that have ended. Returns whether any are left.
pub(crate) fn reap(mut ended: impl FnMut(Ended)) -> bool {
    loop {
        // nix cannot represent a child that ended by a real-time signal, so this is rustix.
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => ended(Ended {
                pid: Pid::from_raw(pid.as_raw_nonzero().get()),
                status: ExitStatus::from_raw(status.as_raw()),
            }),
            Ok(None) => return true,
            Err(rustix::io::Errno::INTR) => {}
            // ECHILD: there are no children (wait(2)).
            Err(_) => return false,
        }
    }
}
