//! Which signals wait in a process of another program.
#![allow(
    unsafe_code,
    reason = "a step between fork and exec of a program that does not take it itself"
)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::SigSet;

/// None do, whichever wait in the thread that starts it: a mask is inherited (sigprocmask(2)), and
/// few programs look at theirs.
pub(crate) fn no_signal_waits(command: &mut Command) {
    let step = || SigSet::empty().thread_set_mask().map_err(io::Error::from);
    // SAFETY: between fork and exec only what is async-signal-safe may be called (signal-safety(7)).
    // It is `pthread_sigmask` alone, and its error is a number that is kept without allocating.
    unsafe { command.pre_exec(step) };
}
