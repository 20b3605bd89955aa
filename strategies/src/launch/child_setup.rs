//! The first steps of every child process.

use std::io;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpid, getppid};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::control::{CONTROL, ChildControl};
use super::error::shortage_hint;
use super::inherited::Inherited;

/// What every child is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChildSetup {
    /// The process whose death ends the child.
    pub(crate) parent: i32,
    /// The CPUs that it may run on; all that its parent may, if empty.
    pub(crate) cpus: Vec<usize>,
}

impl ChildSetup {
    pub(crate) fn by_this_process(cpus: &[usize]) -> Self {
        Self {
            parent: getpid().as_raw(),
            cpus: cpus.to_vec(),
        }
    }

    fn apply(&self) -> io::Result<()> {
        self.die_with_parent()?;
        self.stay_on_cpus()
    }

    fn die_with_parent(&self) -> io::Result<()> {
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // Had the parent died before that call, no signal would ever come.
        if getppid().as_raw() != self.parent {
            return Err(io::Error::other(
                "the process that started this one is gone",
            ));
        }
        Ok(())
    }

    /// Keeps this process, and all that it starts, to its CPUs.
    pub(crate) fn stay_on_cpus(&self) -> io::Result<()> {
        if self.cpus.is_empty() {
            return Ok(());
        }
        self.bind_to_cpus().map_err(|error| {
            io::Error::other(format!(
                "it may not run on the CPUs {:?} ({error}); choose others",
                self.cpus
            ))
        })
    }

    fn bind_to_cpus(&self) -> nix::Result<()> {
        let mut set = CpuSet::new();
        self.cpus.iter().try_for_each(|cpu| set.set(*cpu))?;
        sched_setaffinity(Pid::from_raw(0), &set)
    }
}

/// A child process could not do its part.
#[derive(Debug, Error)]
pub enum ChildError {
    /// The argument is not what a parent process writes.
    #[error("this subcommand is for evenkeel's own use, and its argument is not understood: {0}")]
    Config(#[from] serde_json::Error),
    /// The operating system refused something.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Takes in what the parent left, prepares, reports readiness, waits for the fleet, and works.
///
/// `prepare` makes everything that can fail; its error is told to the parent, which tells the user.
pub(crate) fn run<P>(
    child_setup: &ChildSetup,
    prepare: impl FnOnce(&mut Inherited) -> io::Result<P>,
    work: impl FnOnce(P, ChildControl) -> io::Result<()>,
) -> Result<(), ChildError> {
    let mut inherited = Inherited::take()?;
    let mut control = ChildControl::new(inherited.one(CONTROL)?);
    match child_setup.apply().and_then(|()| prepare(&mut inherited)) {
        Ok(prepared) => {
            control.ready()?;
            Ok(work(prepared, control)?)
        }
        Err(error) => {
            // The parent tells the user, so this process ends without a word of its own.
            control.failed(&format!("{error}{}", shortage_hint(&error)));
            std::process::exit(1)
        }
    }
}
