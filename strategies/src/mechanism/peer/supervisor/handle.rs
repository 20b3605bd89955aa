//! A supervisor as the process sees it that launched it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::link::{Link, Orders, Word};
use super::{SupervisorConfig, output};
use crate::launch::{
    CONTROL, Child, ChildSetup, FleetSpec, Inherited, LaunchError, NotReady, Role, child::describe,
};

/// A running supervisor. Dropped, it ends everything that is left at once, and is waited for.
#[derive(Debug)]
pub(crate) struct Supervisor {
    link: Link,
    child: Child,
    folder: PathBuf,
    has_run_all: bool,
}

impl Supervisor {
    /// Starts one, which waits for orders. Processes that it starts may have so many files open.
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
        match started.first_word(Instant::now() + spec.ready_within) {
            Ok(folder) => started.folder = folder,
            Err(reason) => {
                return Err(LaunchError::NotReady {
                    role: Role::Supervisor,
                    reason: spec.explain(reason, &mut started.child),
                });
            }
        }
        Ok(started)
    }

    fn first_word(&mut self, deadline: Instant) -> Result<PathBuf, NotReady> {
        if !self.link.has_news(deadline) {
            return Err(NotReady::Silent);
        }
        match self.link.hear().map_err(NotReady::Io)? {
            Some(Word::Folder(folder)) => Ok(folder),
            Some(Word::GivesUp(reason)) => Err(NotReady::Said(reason)),
            Some(Word::AllRun) | None => Err(NotReady::Ended),
        }
    }

    /// Where the system has its files. It is there as long as the supervisor is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process from which all of the system descend.
    pub(crate) fn pid(&self) -> Pid {
        self.child.pid()
    }

    /// Orders it to start the system.
    pub(crate) fn carry_out(&mut self, orders: &Orders) -> io::Result<()> {
        self.link.say(orders)
    }

    /// Whether all commands had been run when it was last asked [why it gave up](Self::gave_up).
    pub(crate) fn has_run_all(&self) -> bool {
        self.has_run_all
    }

    /// Why it has given up, if it has.
    pub(crate) fn gave_up(&mut self) -> Option<String> {
        while self.link.has_news(Instant::now()) {
            match self.link.hear() {
                Ok(Some(Word::AllRun)) => self.has_run_all = true,
                Ok(Some(Word::GivesUp(reason))) => return Some(reason),
                _ => return Some(self.last_word()),
            }
        }
        None
    }

    /// How it has ended without a word.
    fn last_word(&mut self) -> String {
        self.child.wait_until(Instant::now() + END_WITHIN);
        let how = self.child.ended().map(describe);
        format!(
            "the supervisor {}",
            how.as_deref().unwrap_or("says nothing any more")
        )
    }

    /// The last lines of what the system wrote.
    pub(crate) fn last_lines(&self) -> String {
        output::last_lines(&self.folder)
    }

    /// Ends the system in good order, for which it may take that long.
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
        // It is there only if the supervisor was killed.
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

/// To kill processes and remove their files takes milliseconds, on a stalled machine seconds. A
/// supervisor that is killed itself could do neither.
const END_WITHIN: Duration = Duration::from_secs(10);
