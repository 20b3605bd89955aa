//! The processes that a supervisor starts.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use nix::unistd::Pid;

use super::{link::Command, output};
use crate::sys::pre_exec::{die_with_this_thread, reset_signals};

/// Starts a command in the folder. Of the environment of this process it inherits only `PATH`.
pub(super) fn start(command: &Command, folder: &Path) -> io::Result<Pid> {
    let mut arguments = command.arguments.iter();
    let program = arguments.next().ok_or(io::ErrorKind::InvalidInput)?;
    let output = output::open(folder)?;
    let mut process = std::process::Command::new(program);
    process
        .args(arguments)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .envs(&command.env)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // Some systems send signals to their process group, which must not contain the supervisor.
        .process_group(0);
    die_with_this_thread(&mut process);
    reset_signals(&mut process);
    Ok(Pid::from_raw(process.spawn()?.id().cast_signed()))
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::wait::{WaitStatus, waitpid};

    use super::*;

    #[test]
    fn a_child_receives_signals_that_are_blocked_here() {
        SigSet::from(Signal::SIGTERM)
            .thread_block()
            .expect("a mask of this thread");
        let folder = tempfile::tempdir().expect("a folder");
        let command = Command {
            arguments: ["sh", "-c", "kill -TERM $$"].map(str::to_owned).into(),
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
