//! System calls of a new process between fork and exec.
#![allow(unsafe_code, reason = "a system call between fork and exec")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// Has the kernel kill the process when the thread that starts it ends (PR_SET_PDEATHSIG).
pub(crate) fn die_with_this_thread(command: &mut Command) {
    let step = || prctl::set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from);
    // SAFETY: between fork and exec only async-signal-safe functions may be called
    // (signal-safety(7)). This is one system call, and its error does not allocate.
    unsafe { command.pre_exec(step) };
}

/// Makes the process start with no blocked and no ignored signals. It would inherit both (sigprocmask(2),
/// signal(7)), and few programs reset them; nohup(1), for example, ignores SIGHUP.
pub(crate) fn reset_signals(command: &mut Command) {
    let step = || {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        let is_fixed = |signal: &Signal| matches!(signal, Signal::SIGKILL | Signal::SIGSTOP);
        for signal in Signal::iterator().filter(|signal| !is_fixed(signal)) {
            // SAFETY: no handler is set, only the default.
            unsafe { sigaction(signal, &default) }?;
        }
        SigSet::empty().thread_set_mask().map_err(io::Error::from)
    };
    // SAFETY: as above. This calls `sigaction` and `pthread_sigmask` only, and its errors do not allocate.
    unsafe { command.pre_exec(step) };
}
