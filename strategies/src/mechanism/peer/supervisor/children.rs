//! The children of a supervisor: those that it starts, and those that others leave to it.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use nix::unistd::Pid;
use rustix::process::{WaitOptions, wait};

use super::link::Command;
use super::output;
use crate::sys::{parent_death::die_with_this_thread, signal_mask::no_signal_waits};

/// Starts a command in the folder, with nothing of the environment of this process but where to
/// look for programs.
pub(super) fn start(command: &Command, folder: &Path) -> io::Result<Pid> {
    let mut words = command.words.iter();
    let program = words.next().ok_or(io::ErrorKind::InvalidInput)?;
    let output = output::open(folder)?;
    let mut process = std::process::Command::new(program);
    process
        .args(words)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .envs(&command.env)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // Some systems signal their whole group, which is not to be that of the supervisor.
        .process_group(0);
    die_with_this_thread(&mut process);
    no_signal_waits(&mut process);
    Ok(Pid::from_raw(process.spawn()?.id().cast_signed()))
}

/// A child that has ended.
pub(super) struct Ended {
    pub(super) pid: Pid,
    pub(super) status: ExitStatus,
}

/// Takes in the children that have ended; whether any are left.
pub(super) fn reap(mut ended: impl FnMut(Ended)) -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => ended(Ended {
                pid: Pid::from_raw(pid.as_raw_nonzero().get()),
                status: ExitStatus::from_raw(status.as_raw()),
            }),
            Ok(None) => return true,
            Err(rustix::io::Errno::INTR) => {}
            // There are none: ECHILD (wait(2)).
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::wait::{WaitStatus, waitpid};

    use super::*;

    #[test]
    fn signals_that_wait_here_reach_what_is_started() {
        SigSet::from(Signal::SIGTERM)
            .thread_block()
            .expect("a mask of this thread");
        let folder = tempfile::tempdir().expect("a folder");
        let command = Command {
            words: ["sh", "-c", "kill -TERM $$"].map(str::to_owned).into(),
            env: [].into(),
            ends: false,
        };
        let started = start(&command, folder.path()).expect("a shell");
        let status = waitpid(started, None).expect("its end");
        assert!(
            matches!(status, WaitStatus::Signaled(_, Signal::SIGTERM, _)),
            "{status:?}"
        );
    }
}
