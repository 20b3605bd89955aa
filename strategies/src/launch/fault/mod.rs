//! Faults: what makes a process of a running fleet ill, from outside or by a message that makes a worker misbehave.
//!
//! A fault is no [change](super::Change): what chooses workers is not told. It lasts as long as its
//! [`ActiveFault`] lives, so a trial that fails leaves no process stopped.

mod cgroup;
mod misbehaviour;
mod pauses;
mod stopped;
mod target;
mod throttled;

use std::fmt::Debug;
use std::io;
use std::time::Duration;

use nix::unistd::Pid;
use rustix::process::Signal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{child::Role, deployment::Deployment, host::UnmetRequirement, messages::MessageError};
use crate::view::Scoreboard;
use cgroup::Hierarchy;
use misbehaviour::Misbehaving;
pub use misbehaviour::{Misbehaviour, Slowness};
use pauses::Pauses;
use stopped::Stopped;
use target::Target;
use throttled::Throttled;

/// What is wrong with a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// It is killed by this signal, for good.
    Crash(CrashSignal),
    /// It is stopped (SIGSTOP): it does nothing, and its sockets stay open.
    Hang,
    /// It is stopped now and then, as by a garbage collector.
    Pause {
        /// How long each time.
        stopped: Duration,
        /// From the beginning of one pause to that of the next.
        every: Duration,
    },
    /// It gets less CPU time than it needs (cgroups(7)).
    Throttle {
        /// CPU time per time, in CPUs: 0.2 is 20 ms in 100 ms.
        cpus: f64,
    },
    /// It does something wrong itself. Only evenkeel's own workers can.
    Misbehave(Misbehaviour),
}

/// How a process crashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrashSignal {
    /// SIGKILL, as from the kernel when memory runs out.
    #[default]
    Kill,
    /// SIGSEGV, as after an access to memory that it does not have.
    Segv,
}

impl Fault {
    /// Whether it has an end. A crash has none.
    pub fn lasts(&self) -> bool {
        !matches!(self, Self::Crash(_))
    }

    /// Whether a worker that has it still answers requests, if late.
    pub fn answers(&self) -> bool {
        match self {
            Self::Crash(_) | Self::Hang => false,
            Self::Pause { .. } | Self::Throttle { .. } => true,
            Self::Misbehave(how) => how.answers(),
        }
    }
}

/// Why a fault could not be brought about.
#[derive(Debug, Error)]
pub enum FaultError {
    /// The strategy or the host rules it out.
    #[error(transparent)]
    Unmet(#[from] UnmetRequirement),
    /// The worker was not told.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The kernel refused it.
    #[error("{role} could not be made ill: {source}")]
    Io {
        /// The process.
        role: Role,
        /// The error of the kernel.
        source: io::Error,
    },
}

/// A fault that lasts until this is dropped. A crash is over at once.
#[derive(Debug)]
pub struct ActiveFault {
    _until_dropped: Option<UntilDropped>,
}

/// What ends a fault when it is dropped.
type UntilDropped = Box<dyn Debug + Send>;

impl Deployment {
    /// Whether a process with this role can have this fault.
    ///
    /// # Errors
    /// [`UnmetRequirement`] with the reason: there is no such process, its workers are threads, the host has
    /// no cgroup that limits CPU time, or the worker is not one of evenkeel's own, which alone misbehave.
    pub fn can_inject(&self, fault: &Fault, role: Role) -> Result<(), UnmetRequirement> {
        if let Fault::Misbehave(how) = fault {
            return self.can_misbehave(how, role);
        }
        self.processes_of(self.stand_in(role))?;
        match fault {
            Fault::Throttle { .. } => Hierarchy::find().map(drop).map_err(UnmetRequirement),
            _ => Ok(()),
        }
    }

    /// Makes the process with this role ill: the one that has the role now, with all processes of the program
    /// that it runs, if it runs one.
    ///
    /// # Errors
    /// [`FaultError`] if the fleet has no such process, or the kernel refuses.
    pub fn inject(&self, fault: &Fault, role: Role) -> Result<ActiveFault, FaultError> {
        let _until_dropped = match *fault {
            Fault::Misbehave(how) => Some(self.misbehave(how, role)?),
            _ => self.inject_from_outside(fault, role)?,
        };
        Ok(ActiveFault { _until_dropped })
    }

    fn misbehave(&self, how: Misbehaviour, role: Role) -> Result<UntilDropped, FaultError> {
        self.can_misbehave(&how, role)?;
        let Role::Worker(worker) = role else {
            return Err(UnmetRequirement(ONLY_WORKERS.to_owned()).into());
        };
        let ends = self.messages()?;
        Ok(Box::new(Misbehaving::start(ends, worker, how)?))
    }

    fn inject_from_outside(
        &self,
        fault: &Fault,
        role: Role,
    ) -> Result<Option<UntilDropped>, FaultError> {
        let processes = self.processes_of(role)?;
        let begin = || -> io::Result<Option<UntilDropped>> {
            let targets = processes.iter().map(|pid| Target::open(*pid));
            let targets: Vec<Target> = targets.collect::<io::Result<_>>()?;
            Ok(match *fault {
                Fault::Crash(signal) => {
                    self.expect_end(role);
                    targets.iter().try_for_each(|it| it.crash(signal.into()))?;
                    None
                }
                Fault::Hang => Some(Box::new(Stopped::stop(targets)?)),
                Fault::Pause { stopped, every } => {
                    Some(Box::new(Pauses::start(targets, stopped, every)?))
                }
                Fault::Throttle { cpus } => Some(Box::new(Throttled::start(&processes, cpus)?)),
                Fault::Misbehave(_) => None,
            })
        };
        begin().map_err(|source| FaultError::Io { role, source })
    }

    /// Whether the worker with this role can misbehave like this.
    fn can_misbehave(&self, how: &Misbehaviour, role: Role) -> Result<(), UnmetRequirement> {
        match role {
            Role::Worker(number) if number < self.places() => self.stages_can_misbehave(how),
            Role::Worker(_) => Err(missing(role)),
            _ => Err(UnmetRequirement(ONLY_WORKERS.to_owned())),
        }
    }

    /// Returns the role of a process that exists now: the first worker for one that will be added later.
    fn stand_in(&self, role: Role) -> Role {
        let is_added_later = |number: usize| (self.workers()..self.places()).contains(&number);
        match role {
            Role::Worker(number) if is_added_later(number) => Role::Worker(0),
            _ => role,
        }
    }

    /// Returns how many workers there can be.
    fn places(&self) -> usize {
        self.scoreboard()
            .map_or(self.workers(), Scoreboard::workers)
    }

    /// Returns the processes that a fault of this role hits, at least one.
    fn processes_of(&self, role: Role) -> Result<Vec<Pid>, UnmetRequirement> {
        let found = self.processes_with(role);
        if !found.is_empty() {
            return Ok(found);
        }
        let has_server = self.processes().any(|(role, _)| role == Role::Server);
        Err(UnmetRequirement(match role {
            Role::Dispatcher(_) => format!("a fault is to hit {role}, and the fleet has none"),
            _ if has_server => {
                "its workers are threads of one process, so a fault of one would hit all".to_owned()
            }
            _ => return Err(missing(role)),
        }))
    }
}

/// Why a dispatcher does not misbehave.
const ONLY_WORKERS: &str =
    "only a worker misbehaves itself; a dispatcher can crash, hang, pause or be throttled";

fn missing(role: Role) -> UnmetRequirement {
    UnmetRequirement(format!(
        "a fault is to hit {role}, and the fleet has no such process"
    ))
}

impl From<CrashSignal> for Signal {
    fn from(signal: CrashSignal) -> Self {
        match signal {
            CrashSignal::Kill => Self::KILL,
            CrashSignal::Segv => Self::SEGV,
        }
    }
}
