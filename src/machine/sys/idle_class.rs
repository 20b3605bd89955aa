//! The scheduling class of threads that run only when nothing else does.
#![allow(unsafe_code, reason = "a system call without a safe wrapper")]

use std::io;

use nix::errno::Errno;
use nix::libc::{SCHED_IDLE, sched_param, sched_setscheduler};

/// Puts the calling thread into the class SCHED_IDLE (sched(7)): any other runnable thread on its
/// CPU takes its place at once. This needs no privileges.
pub(crate) fn join() -> io::Result<()> {
    // SAFETY: the structure has only numbers; how many depends on the C library, and all are to be 0.
    let none: sched_param = unsafe { std::mem::zeroed() };
    // SAFETY: 0 is the calling thread, and the call reads the parameters and nothing else.
    let outcome = unsafe { sched_setscheduler(0, SCHED_IDLE, &raw const none) };
    Ok(Errno::result(outcome).map(drop)?)
}
