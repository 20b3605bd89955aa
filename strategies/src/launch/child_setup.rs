//! The first steps of every child process.

use std::io;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpid, getppid};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::confinement::Confinement;
use super::control::{CONTROL, ChildControl};
use super::{error::shortage_hint, inherited::Inherited};

/// Configuration that every child process needs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChildSetup {
    /// PID of the process whose death ends the child.
    pub(crate) parent: i32,
    /// CPUs on which it may run. If empty, those of its parent.
    pub(crate) cpus: Vec<usize>,
    /// What it gives up, if anything.
    #[serde(default)]
    confinement: Option<Confinement>,
}

impl ChildSetup {
    pub(crate) fn by_this_process(cpus: &[usize]) -> Self {
        Self {
            parent: getpid().as_raw(),
            cpus: cpus.to_vec(),
            confinement: None,
        }
    }

    pub(crate) fn confined(self, confinement: impl Into<Option<Confinement>>) -> Self {
        Self {
            confinement: confinement.into(),
            ..self
        }
    }

    fn apply(&self) -> io::Result<()> {
        // The kernel forgets the signal when a process changes its user, so this comes first.
        if let Some(confinement) = &self.confinement {
            confinement.apply()?;
        }
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // If the parent died before that call, no signal will arrive.
        match getppid().as_raw() == self.parent {
            true => self.stay_on_cpus(),
            false => Err(io::Error::other(
                "the process that started this one is gone",
            )),
        }
    }

    /// Restricts this process, and the processes that it starts, to its CPUs.
    pub(crate) fn stay_on_cpus(&self) -> io::Result<()> {
        if self.cpus.is_empty() {
            return Ok(());
        }
        self.bind_to_cpus().map_err(|error| {
            io::Error::other(format!(
                "it cannot run on the CPUs {:?} ({error}); choose other CPUs",
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

/// Why a child process failed.
#[derive(Debug, Error)]
pub enum ChildError {
    /// The argument is invalid.
    #[error("this subcommand is for evenkeel's own use, and its argument is invalid: {0}")]
    Config(#[from] serde_json::Error),
    /// The operating system reported an error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs a child process: it prepares, reports that it is ready, waits for the whole fleet, and works.
///
/// `prepare` does everything that can fail. Its error is reported to the parent, which shows it to the
/// user.
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
            // The parent reports the error to the user.
            control.failed(&format!("{error}{}", shortage_hint(&error)));
            std::process::exit(1)
        }
    }
}
