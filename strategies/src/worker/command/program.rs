//! A running program of the user.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::process::{Command, ExitStatus, Stdio};

use command_fds::{CommandFdExt, FdMapping};
use nix::unistd::Pid;

use super::contract::Contract;
use super::output::Output;
use crate::launch::error::shortage_hint;
use crate::launch::{FIRST_FD, LISTENER, OF_SOCKETS, WorkerCommand};
use crate::subreaper::reap;
use crate::sys::fork;
use crate::sys::pre_exec::{die_with_this_thread, reset_signals};

/// A running program.
pub(super) struct Program {
    /// Its command line.
    pub(super) name: String,
    pub(super) output: Output,
    pid: Pid,
    status: Option<ExitStatus>,
    /// Reserves its port, or is the socket that it has inherited.
    _socket: OwnedFd,
}

impl Program {
    pub(super) fn start(
        command: &WorkerCommand,
        socket: OwnedFd,
        contract: Contract,
    ) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let mut process = Command::new(&command.program);
        process
            .args(&command.args)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        for name in OF_SOCKETS {
            process.env_remove(name);
        }
        if let Some(folder) = &command.cwd {
            process.current_dir(folder);
        }
        die_with_this_thread(&mut process);
        reset_signals(&mut process);
        match contract.inherits_socket {
            true => pass_on(&mut process, socket.try_clone()?)?,
            false => {
                let address = contract.address;
                process.env("PORT", address.port().to_string());
                process.env("HOST", address.ip().to_string());
            }
        }
        let started = fork::start(process, |process, pid| {
            if contract.inherits_socket {
                process.env("LISTEN_PID", pid.to_string());
            }
        });
        Ok(Self {
            name: command.to_string(),
            pid: started.map_err(|error| cannot_run(command, &error))?,
            output: Output::collect(reader, command.shows_output)?,
            status: None,
            _socket: socket,
        })
    }

    /// Reaps all processes that have ended. Returns how the program has, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        reap(|ended| {
            if ended.pid == self.pid {
                self.status = Some(ended.status);
            }
        });
        self.status
    }
}

/// Lets the program inherit the socket by the convention of sd_listen_fds(3).
fn pass_on(process: &mut Command, socket: OwnedFd) -> io::Result<()> {
    let mapping = FdMapping {
        parent_fd: socket,
        child_fd: FIRST_FD,
    };
    process
        .env("LISTEN_FDS", "1")
        .env("LISTEN_FDNAMES", LISTENER);
    process
        .fd_mappings(vec![mapping])
        .map_err(io::Error::other)?;
    Ok(())
}

fn cannot_run(command: &WorkerCommand, error: &io::Error) -> io::Error {
    let next = match error.kind() {
        ErrorKind::NotFound => {
            "; write the path of a program, or the name of one on `PATH` (with `cwd`, check that the folder \
             exists)"
        }
        ErrorKind::PermissionDenied => {
            "; make the file executable (`chmod +x`), or start it by its interpreter, such as `node app.js`"
        }
        _ => shortage_hint(error),
    };
    io::Error::other(format!("`{command}` cannot be run: {error}{next}"))
}
