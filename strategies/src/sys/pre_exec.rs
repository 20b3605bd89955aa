//! System calls of a new process between fork and exec.
#![allow(unsafe_code, reason = "a system call between fork and exec")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};

/// Has the kernel kill the process when the thread that starts it ends (PR_SET_PDEATHSIG).
pub(crate) fn die_with_this_thread(command: &mut Command) {
    let step = || prctl::set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from);
    // SAFETY: between fork and exec only async-signal-safe functions may be called
    // (signal-safety(7)). This is one system call, and its error does not allocate.
    unsafe { command.pre_exec(step) };
}

/// Makes the process start with no blocked signals. It would inherit the mask of this thread
/// (sigprocmask(2)), and few programs reset theirs.
pub(crate) fn unblock_all_signals(command: &mut Command) {
    let step = || SigSet::empty().thread_set_mask().map_err(io::Error::from);
    // SAFETY: as above. This calls `pthread_sigmask` only, and its error does not allocate.
    unsafe { command.pre_exec(step) };
}
