//! Interrupting a blocking system call of another thread.
#![allow(unsafe_code, reason = "installing a signal handler")]

use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::thread::JoinHandle;

use nix::sys::pthread::{Pthread, pthread_kill};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// POSIX reserves it for applications, and nothing else here uses it.
const SIGNAL: Signal = Signal::SIGUSR1;

/// Makes the signal interrupt system calls (EINTR) rather than end the process.
pub(crate) fn allow() -> io::Result<()> {
    extern "C" fn nothing(_signal: std::ffi::c_int) {}
    // Without SA_RESTART the call returns.
    let action = SigAction::new(
        SigHandler::Handler(nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing, which is safe at any point of any thread.
    unsafe { sigaction(SIGNAL, &action) }?;
    Ok(())
}

/// Interrupts the current system call of a thread, if it is in one.
pub(crate) fn send<T>(thread: &JoinHandle<T>) -> io::Result<()> {
    // The thread has not been joined, so its identifier is still its own.
    // A number in Rust's library, and in some C libraries (musl) a pointer.
    pthread_kill(thread.as_pthread_t() as Pthread, SIGNAL)?;
    Ok(())
}
