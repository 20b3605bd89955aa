//! A handle to a supervisor process.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::link::{Command, Instructions, Link, Message};
use super::{SupervisorConfig, output};
use crate::launch::{
    CONTROL, Child, ChildSetup, FleetSpec, Inherited, LaunchError, NotReady, Role, child::describe,
    end_of,
};

/// A handle to a running supervisor. Dropping it ends all processes at once, and waits for that.
#[derive(Debug)]
pub(crate) struct Supervisor {
    link: Link,
    child: Child,
    /// Folder of the peer's files. It exists as long as the supervisor.
    pub(crate) folder: PathBuf,
    /// Whether all commands had been run at the last call of [`gave_up`](Self::gave_up).
    pub(crate) has_run_all: bool,
}

impl Supervisor {
    /// Starts a supervisor, which waits for instructions. `open_files` is the limit of open files for
    /// each process that it starts.
    pub(crate) fn start(spec: &FleetSpec, open_files: u64) -> Result<Self, LaunchError> {
        let (link, childs_end) = Link::pair()?;
        let config = SupervisorConfig {
            child_setup: ChildSetup::by_this_process(&spec.cpus),
            open_files,
        };
        let child = Child::spawn(
            &spec.executable,
            Role::Supervisor,
            &serde_json::to_string(&config).map_err(io::Error::other)?,
            Inherited::default().with(CONTROL, childs_end),
            None,
        );
        let child = child.map_err(|source| LaunchError::Spawn {
            role: Role::Supervisor,
            executable: spec.executable.clone(),
            source,
        })?;
        let mut started = Self {
            link,
            child,
            folder: PathBuf::new(),
            has_run_all: false,
        };
        match started.wait_until_ready(Instant::now() + spec.ready_within) {
            Ok(folder) => started.folder = folder,
            Err(reason) => {
                return Err(LaunchError::NotReady {
                    role: Role::Supervisor,
                    reason: spec.explain(reason, || end_of(&mut started.child)),
                });
            }
        }
        Ok(started)
    }

    fn wait_until_ready(&mut self, deadline: Instant) -> Result<PathBuf, NotReady> {
        if !self.link.wait_until(deadline) {
            return Err(NotReady::Silent);
        }
        match self.link.receive().map_err(NotReady::Io)? {
            Some(Message::Ready(folder)) => Ok(folder),
            Some(Message::GivesUp(reason)) => Err(NotReady::Reported(reason)),
            Some(Message::AllRun | Message::HasEnded(_)) | None => Err(NotReady::Ended),
        }
    }

    /// Returns the PID of the supervisor, the ancestor of all processes of the peer.
    pub(crate) fn pid(&self) -> Pid {
        self.child.pid()
    }

    pub(crate) fn run(&mut self, instructions: &Instructions) -> io::Result<()> {
        self.link.send(instructions)
    }

    /// Reads the messages of the supervisor. Returns why it has given up, if it has.
    pub(crate) fn gave_up(&mut self) -> Option<String> {
        while self.link.wait_until(Instant::now()) {
            match self.link.receive() {
                Ok(Some(Message::AllRun)) => self.has_run_all = true,
                // The answer to a request that nobody waits for any more.
                Ok(Some(Message::HasEnded(_))) => {}
                Ok(Some(Message::GivesUp(reason))) => return Some(reason),
                _ => return Some(self.unexpected_end()),
            }
        }
        None
    }

    /// Runs a command, and waits until it ends or the deadline passes.
    ///
    /// # Errors
    /// Why it was not run, or has failed. One sentence.
    pub(crate) fn execute(&mut self, command: &Command, deadline: Instant) -> Result<(), String> {
        if let Some(reason) = self.gave_up() {
            return Err(reason);
        }
        let sent = self.link.send(command);
        sent.map_err(|error| format!("`{command}` cannot be run: {error}"))?;
        while self.link.wait_until(deadline) {
            match self.link.receive() {
                Ok(Some(Message::HasEnded(end))) => return end,
                Ok(Some(Message::GivesUp(reason))) => return Err(reason),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Err(self.unexpected_end()),
            }
        }
        Err(format!("`{command}` has not ended in time"))
    }

    /// Describes how the supervisor ended without a message.
    fn unexpected_end(&mut self) -> String {
        self.child.wait_until(Instant::now() + END_WITHIN);
        let end = self.child.ended().map(describe);
        format!(
            "the supervisor {}",
            end.as_deref().unwrap_or("has closed its link")
        )
    }

    pub(crate) fn last_lines(&self) -> String {
        output::last_lines(&self.folder)
    }

    /// Asks the peer to end, and waits for it up to `drain_within`.
    pub(crate) fn stop(&mut self, drain_within: Duration) {
        self.child.terminate();
        self.child
            .wait_until(Instant::now() + drain_within + END_WITHIN);
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.link.close();
        self.child.wait_until(Instant::now() + END_WITHIN);
        // The folder still exists only if the supervisor was killed.
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

/// Killing processes and removing their files takes milliseconds, on a stalled machine seconds. A
/// supervisor that is killed too early can do neither.
const END_WITHIN: Duration = Duration::from_secs(10);
