//! What happens to the processes of a fleet.

use std::fmt::{self, Display, Formatter};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::defence::{Entry, What};
use crate::launch::child::Role;
use crate::share::Share;

/// Something that happened to a process of a fleet, as seen by the process that launched it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetEvent {
    /// When it happened, or was noticed.
    pub at: Instant,
    /// The role of the process.
    pub role: Role,
    /// How many processes have had this role before: the generation of a worker.
    pub generation: u32,
    /// The process. `None` if there is none yet, or none any more.
    pub pid: Option<i32>,
    /// What happened.
    pub what: FleetEventKind,
}

/// What happens to a process, in the order of its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetEventKind {
    /// It is about to be created.
    Fork,
    /// It runs its program.
    Online,
    /// It is ready: from now on it could serve.
    Listening,
    /// It may be chosen.
    Admitted,
    /// It does not turn its event loop, and gets nothing new until it does.
    Stalled,
    /// It turns its event loop again, and gets something again.
    Recovered,
    /// Connections that were given to it, and that it has not taken in, go to others.
    Rescued {
        /// Their number.
        connections: u64,
    },
    /// It was told to finish what it has, and gets nothing new.
    Draining,
    /// It was asked to end a share of its connections, since new workers came.
    Closing {
        /// The share.
        share: Share,
        /// Number of connections that it had then.
        open: u64,
    },
    /// It has ended.
    Exit {
        /// How it ended. `None` if only its parent knows, which is a process of another system.
        how: Option<Exit>,
        /// Whether that was asked for: by a change or at the end of the fleet. Otherwise it is a crash.
        intended: bool,
    },
    /// It has crashed, and another one will take its place.
    Respawn {
        /// How long until then.
        after: Duration,
    },
    /// It has crashed too often, and its place stays empty.
    GaveUp {
        /// Why, as a sentence without a full stop.
        reason: String,
    },
    /// A defence has found it ill: it may not be chosen.
    Ejected {
        /// For how long.
        time: Duration,
    },
    /// It may be chosen again.
    Returned,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl FleetEventKind {
    /// Returns its name, as records and `serve --format json` write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Online => "online",
            Self::Listening => "listening",
            Self::Admitted => "admitted",
            Self::Stalled => "stalled",
            Self::Recovered => "recovered",
            Self::Rescued { .. } => "rescued",
            Self::Draining => "draining",
            Self::Closing { .. } => "closing",
            Self::Exit { .. } => "exit",
            Self::Respawn { .. } => "respawn",
            Self::GaveUp { .. } => "gave-up",
            Self::Ejected { .. } => "ejected",
            Self::Returned => "returned",
        }
    }

    /// Returns what is to say beyond the name, if anything.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Exit { how, intended } => {
                let how = how.map_or_else(|| "in an unknown way".to_owned(), |how| how.to_string());
                Some(match intended {
                    true => format!("{how}, intended"),
                    false => format!("{how}, not intended"),
                })
            }
            Self::Rescued { connections: 1 } => Some("1 connection".to_owned()),
            Self::Rescued { connections } => Some(format!("{connections} connections")),
            Self::Ejected { time } => Some(format!("for {time:?}")),
            Self::Closing { share, open } => Some(format!("{share} of its {open} connections")),
            Self::Respawn { after } => Some(format!("after {after:?}")),
            Self::GaveUp { reason } => Some(reason.clone()),
            _ => None,
        }
    }
}

impl From<Entry> for FleetEventKind {
    fn from(entry: Entry) -> Self {
        match entry.what {
            What::Ejected => Self::Ejected {
                time: Duration::from_millis(entry.detail),
            },
            What::Returned => Self::Returned,
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        // A status of waitpid(2) that is neither is that of a stopped process, which is not waited for.
        match status.signal() {
            Some(signal) => Self::Signal(signal),
            None => Self::Code(status.code().unwrap_or_default()),
        }
    }
}

impl Display for Exit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(number) => match Signal::try_from(*number) {
                Ok(signal) => write!(f, "{signal}"),
                Err(_) => write!(f, "signal {number}"),
            },
        }
    }
}

impl Display for FleetEvent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.role)?;
        match self.pid {
            Some(pid) => write!(f, " (generation {}, process {pid})", self.generation)?,
            None => write!(f, " (generation {})", self.generation)?,
        }
        write!(f, ": {}", self.what.name())?;
        match self.what.detail() {
            Some(detail) => write!(f, ", {detail}"),
            None => Ok(()),
        }
    }
}
