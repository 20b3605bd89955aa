//! How a process ended that is not a child of this one.
#![allow(unsafe_code, reason = "an ioctl that no crate wraps")]

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::libc::{PIDFD_GET_INFO, PIDFD_INFO_EXIT, pidfd_info};

nix::ioctl_readwrite_bad!(
    /// Reads what the kernel knows about a process (linux/pidfd.h).
    get_info,
    PIDFD_GET_INFO,
    pidfd_info
);

/// Returns how the process of a pidfd ended. `None` as long as its parent has not reaped it, and on Linux
/// before 6.15.
pub(crate) fn exit_status(pidfd: BorrowedFd<'_>) -> Option<ExitStatus> {
    // SAFETY: all fields are integers, for which zero is valid.
    let mut info: pidfd_info = unsafe { MaybeUninit::zeroed().assume_init() };
    info.mask = PIDFD_INFO_EXIT.into();
    // SAFETY: the call reads and writes a `pidfd_info`, whose size is part of its number.
    unsafe { get_info(pidfd.as_raw_fd(), &raw mut info) }.ok()?;
    let is_known = info.mask & u64::from(PIDFD_INFO_EXIT) != 0;
    is_known.then(|| ExitStatus::from_raw(info.exit_code))
}
