//! Getting a thread of this process out of a system call that blocks.
#![allow(unsafe_code, reason = "installing a signal handler")]

use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::thread::JoinHandle;

use nix::sys::pthread::pthread_kill;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// Left to programs by POSIX, and used for nothing else here.
const SIGNAL: Signal = Signal::SIGUSR1;

/// Makes the signal interrupt system calls (EINTR) rather than end the process.
pub(crate) fn allow() -> io::Result<()> {
    extern "C" fn nothing(_signal: std::ffi::c_int) {}
    // Without SA_RESTART: the call is to return.
    let action = SigAction::new(
        SigHandler::Handler(nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing, which may be done at any point of any thread.
    unsafe { sigaction(SIGNAL, &action) }?;
    Ok(())
}

/// Interrupts the system call that a thread is in. Has no effect on one that is in none.
pub(crate) fn send<T>(thread: &JoinHandle<T>) -> io::Result<()> {
    // The thread has not been joined, so its identifier is still its own.
    pthread_kill(thread.as_pthread_t(), SIGNAL)?;
    Ok(())
}
