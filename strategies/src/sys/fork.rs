//! Starting a program that is told its own PID, as `LISTEN_PID` demands (sd_listen_fds(3)).
#![allow(unsafe_code, reason = "the PID is known only between fork and exec")]

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::libc;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};
use procfs::process::Process;

/// The exit code of a process that could not become another program. Nobody sees it.
const NOT_RUN: i32 = 127;

/// Starts a program. `complete` is called in the new process, with its PID, before the program takes over.
///
/// # Errors
/// If this process has several threads, or the program cannot be run.
pub(crate) fn start(
    mut command: Command,
    complete: impl FnOnce(&mut Command, Pid),
) -> io::Result<Pid> {
    let threads = Process::myself().and_then(|this| this.stat());
    if threads.map_err(io::Error::other)?.num_threads != 1 {
        return Err(io::Error::other(
            "a process with several threads cannot be copied",
        ));
    }
    let (mut reports, mut reporter) = io::pipe()?;
    // SAFETY: this process has one thread, so no lock of another one stays locked in the copy, which may
    // do whatever this process may (fork(2)).
    match unsafe { fork() }? {
        ForkResult::Child => {
            complete(&mut command, Pid::this());
            let error = command.exec().raw_os_error().unwrap_or(libc::EINVAL);
            // It fails only if the parent is gone.
            let _told = reporter.write_all(&error.to_ne_bytes());
            // SAFETY: it ends this process without the clean-up that is for the parent (_exit(2)).
            unsafe { libc::_exit(NOT_RUN) }
        }
        ForkResult::Parent { child } => {
            drop(reporter);
            let mut error = [0; 4];
            match reports.read_exact(&mut error) {
                // The program has replaced the copy, which closed the pipe.
                Err(_) => Ok(child),
                Ok(()) => {
                    let _reaped = waitpid(child, None);
                    Err(io::Error::from_raw_os_error(i32::from_ne_bytes(error)))
                }
            }
        }
    }
}
