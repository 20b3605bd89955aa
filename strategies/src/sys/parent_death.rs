//! Processes of other programs that are to die with this one.
#![allow(
    unsafe_code,
    reason = "a step between fork and exec of a program that does not take it itself"
)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::Signal;

/// The process is killed when the thread dies that starts it (PR_SET_PDEATHSIG).
pub(crate) fn die_with_this_thread(command: &mut Command) {
    let step = || prctl::set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from);
    // SAFETY: between fork and exec only what is async-signal-safe may be called (signal-safety(7)).
    // It is one system call, and its error is a number that is kept without allocating.
    unsafe { command.pre_exec(step) };
}
