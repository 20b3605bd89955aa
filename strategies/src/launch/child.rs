//! A child process of a fleet: this executable run again, told what to do.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::inherited::{FIRST_FD, Inherited};
use super::namespace::Namespace;
use super::spawner::spawn;

/// What a process of a fleet is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Chooses a worker for each connection or request.
    Dispatcher(usize),
    /// Serves.
    Worker(usize),
    /// Serves as all workers of the fleet, each of which is one of its threads.
    Server,
    /// Starts another system and ends it.
    Supervisor,
}

impl Role {
    /// The hidden subcommand under which the executable plays this role.
    fn subcommand(self) -> &'static str {
        match self {
            Self::Dispatcher(_) => "dispatcher",
            Self::Worker(_) | Self::Server => "worker",
            Self::Supervisor => "supervisor",
        }
    }
}

impl Role {
    /// Whether it chooses, rather than serves.
    pub fn is_dispatcher(self) -> bool {
        matches!(self, Self::Dispatcher(_))
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dispatcher(number) => write!(f, "dispatcher {number}"),
            Self::Worker(number) => write!(f, "worker {number}"),
            Self::Server => f.write_str("server"),
            Self::Supervisor => f.write_str("supervisor"),
        }
    }
}

/// A running child. It is killed and reaped when dropped.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) role: Role,
    process: Process,
}

impl Child {
    /// Starts `executable ROLE CONFIG` with these descriptors, by name, in a network namespace if
    /// not in that of this process.
    pub(crate) fn spawn(
        executable: &Path,
        role: Role,
        config: &str,
        inherited: Inherited,
        namespace: Option<&Namespace>,
    ) -> io::Result<Self> {
        let mut command = Command::new(executable);
        command
            .args([role.subcommand(), config])
            .env("LISTEN_FDS", inherited.fds.len().to_string())
            .env("LISTEN_FDNAMES", inherited.names.join(":"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Ctrl-C in a terminal goes to a whole process group. The study decides what
            // becomes of its children, so they are not in its group.
            .process_group(0);
        let mappings = (FIRST_FD..)
            .zip(inherited.fds)
            .map(|(child_fd, parent_fd)| FdMapping {
                parent_fd,
                child_fd,
            });
        command
            .fd_mappings(mappings.collect())
            .map_err(io::Error::other)?;
        let process = match namespace {
            Some(namespace) => namespace.spawn(command)?,
            None => spawn(command)?,
        };
        Ok(Self { role, process })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }

    /// Asks it to end in good order, unless it has ended. Once reaped, its number may be
    /// another process's.
    pub(crate) fn terminate(&mut self) {
        if self.ended().is_none() {
            let _ended_just_now = kill(self.pid(), Signal::SIGTERM);
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Waits for its end until then; whether it came.
    pub(crate) fn wait_until(&mut self, deadline: Instant) -> bool {
        loop {
            if self.ended().is_some() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}

/// How often the end of a child is looked for. Short beside the life of a trial, long beside
/// the system call.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only for a child that has been reaped already.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// How a process ended, in words.
pub(crate) fn describe(status: ExitStatus) -> String {
    match (status.signal().map(Signal::try_from), status.code()) {
        (Some(Ok(signal)), _) => format!("was killed by {signal}"),
        (_, Some(code)) => format!("ended with exit code {code}"),
        _ => format!("ended with {status}"),
    }
}

/// Another descriptor for the same thing, to be left to one more child.
pub(crate) fn share(fd: impl AsFd) -> io::Result<OwnedFd> {
    fd.as_fd().try_clone_to_owned()
}
