//! A child process of a fleet: the evenkeel executable with a hidden subcommand.

use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, io};

use command_fds::{CommandFdExt, FdMapping};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use super::inherited::{FIRST_FD, Inherited};
use super::{namespace::Namespace, spawner::spawn};
use crate::subreaper::descendants;
use crate::usage::CpuTime;

/// The role of a process in a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It picks a worker for each connection or request.
    Dispatcher(usize),
    /// It answers requests.
    Worker(usize),
    /// Its threads are the workers of the fleet.
    Server,
    /// It starts and ends a peer.
    Supervisor,
}

impl Role {
    fn subcommand(self) -> &'static str {
        match self {
            Self::Dispatcher(_) => "dispatcher",
            Self::Worker(_) | Self::Server => "worker",
            Self::Supervisor => "supervisor",
        }
    }

    /// Returns what it gets of the environment of this process. Only a supervisor starts programs and creates
    /// files.
    fn environment(self) -> impl Iterator<Item = (&'static str, OsString)> {
        let names: &[&str] = match self {
            Self::Supervisor => &["PATH", "TMPDIR"],
            Self::Dispatcher(_) | Self::Worker(_) | Self::Server => &[],
        };
        let present = |name: &&'static str| Some((*name, env::var_os(name)?));
        names.iter().filter_map(present)
    }

    /// Whether this is a dispatcher.
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

/// A running child. Dropping it kills and reaps the process.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) role: Role,
    process: Process,
    is_reaped: bool,
}

impl Child {
    /// Starts `executable ROLE CONFIG` with these inherited descriptors, in a network namespace if given.
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
            .env_clear()
            .envs(role.environment())
            .envs(inherited.variables)
            .env("LISTEN_FDS", inherited.fds.len().to_string())
            .env("LISTEN_FDNAMES", inherited.names.join(":"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Ctrl-C in a terminal signals a whole process group. The study itself ends its
            // children, so they have their own group.
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
        Ok(Self {
            role,
            process,
            is_reaped: false,
        })
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().cast_signed())
    }

    /// Asks the child to end, unless it has ended. After it was reaped, its PID may belong to another
    /// process.
    pub(crate) fn terminate(&mut self) {
        if self.ended().is_none() {
            let _ended_just_now = kill(self.pid(), Signal::SIGTERM);
        }
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.process.try_wait().ok().flatten();
        if ended.is_some() && !self.is_reaped {
            self.is_reaped = true;
            self.end_group();
        }
        ended
    }

    /// Kills what is left of its process group: the program of a worker whose own process was killed.
    fn end_group(&self) {
        let _nothing_left = killpg(self.pid(), Signal::SIGKILL);
    }

    /// Returns how the child ended and what it used, which `cpu` can read until it is reaped. It is reaped then.
    /// Returns `None` while it runs.
    pub(crate) fn end(
        &mut self,
        cpu: impl FnOnce(Pid) -> Option<CpuTime>,
    ) -> Option<(ExitStatus, Option<CpuTime>)> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        // It fails for a child that was reaped already.
        let cpu = match waitid(Id::Pid(self.pid()), flags) {
            Ok(WaitStatus::StillAlive) => return None,
            Ok(_) => cpu(self.pid()),
            Err(_) => None,
        };
        self.ended().map(|status| (status, cpu))
    }

    /// Ends the child at once, with the program that it runs, if it runs one.
    pub(crate) fn kill(&mut self) {
        if self.ended().is_none() {
            for process in descendants(self.pid()) {
                process.signal(Signal::SIGKILL);
            }
            self.end_group();
        }
    }

    /// Waits for the end of the child, or the deadline. Returns whether the child has ended.
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

/// Pause between checks. Short compared with a trial, and long compared with the system call.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        // It fails only if the child was reaped already.
        let _reaped = self.process.wait();
    }
}

/// Describes how a process ended, as a part of a sentence.
pub(crate) fn describe(status: ExitStatus) -> String {
    match (status.signal().map(Signal::try_from), status.code()) {
        (Some(Ok(signal)), _) => format!("was killed by {signal}"),
        (_, Some(code)) => format!("ended with exit code {code}"),
        _ => format!("ended with {status}"),
    }
}
